/** What becomes of an example of upstream's where it is not simply that it ends with `Succeeded`. */
export type Verdict =
  | { readonly kind: "succeeds" }
  /** Every run in it ends with this reason, as upstream's do. */
  | { readonly kind: "fails"; readonly reason: string; readonly because: string }
  /** lapcat says that it does not run it; `message` begins so. */
  | { readonly kind: "refused"; readonly message: string; readonly because: string }
  | { readonly kind: "not run"; readonly because: string };

export interface Treatment {
  /** What the paths of the examples match, below `examples/`. */
  readonly paths: RegExp;
  readonly verdict: Verdict;
  /** Options of `lapcat run` besides those of the example's level; `{NAME}` is a place of scripts/conformance/places.ts. */
  readonly options?: readonly string[];
  /** What the example refers to and takes for granted: documents in fixtures/examples. */
  readonly besides?: string;
}

const succeeds: Verdict = { kind: "succeeds" };

const onInternet = ["--config-default", "default-pod-template={internet}", "--ca-file", "{authority}"];

/** The first that matches an example is its own; examples of which nothing is said here succeed. */
export const treatments: readonly Treatment[] = [
  { paths: /cluster-resolver\.yaml$/u, verdict: succeeds, besides: "other-namespaces.yaml" },
  {
    paths: /(?:bundles|hub)-resolver[^/]*\.yaml$/u,
    verdict: succeeds,
    options: [...onInternet, "--image-map", "{bundles}"],
  },
  {
    paths: /csi-workspace\.yaml$/u,
    verdict: {
      kind: "refused",
      message: 'workspace "secret-vault" is a csi volume, which needs a cluster',
      because: "a CSI driver is a cluster's",
    },
  },
  {
    paths: /git-volume\.yaml$/u,
    verdict: {
      kind: "refused",
      message: 'a gitRepo volume ("source") is not executed here',
      because: "Kubernetes itself has given gitRepo volumes up",
    },
  },
  {
    paths: /^v1beta1\/.*\/no-ci\/pipelinerun-taskrunspecs\.yaml$/u,
    verdict: {
      kind: "refused",
      message: 'there is no field "serviceAccountName" here',
      because: "upstream's admission refuses it too: the field was renamed to taskServiceAccountName",
    },
  },
  {
    paths: /\/pipeline-timeout\.yaml$/u,
    verdict: {
      kind: "fails",
      reason: "Failed",
      because: "its command is the one word `sleep 90s`, which is no program; on a cluster the step fails as well",
    },
  },
  {
    paths: /dind-sidecar\.yaml$/u,
    verdict: {
      kind: "not run",
      because:
        "its Docker daemon in a container needs a machine that grants privileged, and an image of Docker Hub within",
    },
  },
  {
    paths: /default-workspaces\.yaml$/u,
    verdict: succeeds,
    options: ["--config-default", "default-task-run-workspace-binding=emptyDir: {}"],
  },
  {
    paths: /\/(?:docker-creds|git-basic-auth-multiple-repos|pipelinerun|pull-private-image)\.yaml$/u,
    verdict: succeeds,
    options: onInternet,
  },
  {
    // It wants a token that its user makes; the little internet's github.com shows the catalog to everybody.
    paths: /\/git-resolver-custom-.*\.yaml$/u,
    verdict: succeeds,
    options: [...onInternet, "--secret", "my-secret-token.token={token}"],
  },
  {
    paths: /(?:git|http)-resolver[^/]*\.yaml$/u,
    verdict: succeeds,
    options: onInternet,
  },
];

export function treatmentOf(path: string, offline: string): Treatment {
  const own = treatments.find(({ paths }) => paths.test(path));
  if (own !== undefined) return own;
  return { paths: /^/u, verdict: offline.startsWith("no") ? { kind: "not run", because: offline } : succeeds };
}
