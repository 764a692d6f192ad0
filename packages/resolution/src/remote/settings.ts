import { type Located } from "@lapcat/tekton";

type Settings = Readonly<Record<string, string>>;

/** As upstream ships them (config/resolvers). */
const shipped: Readonly<Record<string, Settings>> = {
  "bundleresolver-config": { "default-service-account": "default", "default-kind": "task" },
  "cluster-resolver-config": {
    "default-kind": "task",
    "default-namespace": "",
    "allowed-namespaces": "",
    "blocked-namespaces": "",
  },
  "git-resolver-config": {
    "fetch-timeout": "1m",
    "default-url": "https://github.com/tektoncd/catalog.git",
    "default-revision": "main",
    "scm-type": "github",
    "server-url": "",
    "api-token-secret-name": "",
    "api-token-secret-key": "",
    "api-token-secret-namespace": "default",
    "default-org": "",
  },
  "http-resolver-config": { "fetch-timeout": "1m" },
  "hubresolver-config": {
    "default-tekton-hub-catalog": "Tekton",
    "default-artifact-hub-task-catalog": "tekton-catalog-tasks",
    "default-artifact-hub-pipeline-catalog": "tekton-catalog-pipelines",
    "default-kind": "task",
    "default-type": "artifact",
  },
  "resolver-cache-config": { ttl: "5m" },
};

/** The data of resolvers' ConfigMaps: those among the documents, in whatever namespace, over what upstream ships. */
export function resolverSettings(documents: readonly Located[]): (configMap: string) => Settings {
  return (configMap) => {
    const own = documents.flatMap(({ resource }) =>
      resource.kind === "ConfigMap" && resource.metadata.name === configMap ? [resource.data] : [],
    );
    return Object.assign({}, shipped[configMap], ...own) as Settings;
  };
}

/** Whether a resolver is switched off (`resolvers-feature-flags`): the flag that does it. */
export function switchedOff(resolver: string, settings: (configMap: string) => Settings): string | undefined {
  const flag = `enable-${resolver}-resolver`;
  const value = settings("resolvers-feature-flags")[flag];
  return value === undefined || /^(?:1|t|true)$/iu.test(value.trim()) ? undefined : flag;
}
