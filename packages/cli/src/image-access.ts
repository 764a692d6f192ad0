import { type Diagnostic } from "@lapcat/diagnostic";
import { asImageRef, mapImage } from "@lapcat/engine";
import { registryCredentialsOf } from "@lapcat/pod";
import { type ImageAccess } from "@lapcat/resolution";
import { type ClusterObjects } from "@lapcat/tekton";
import { ownLogins } from "./own-logins.ts";
import { imageMappings } from "./pod-settings.ts";
import { type World } from "./world.ts";

/** Images that hold definitions are found as those of steps are: by the image map, with the documents' logins and then the user's own. */
export function imageAccess(world: World, imageMap: readonly string[], objects: ClusterObjects): ImageAccess {
  return {
    async inPlaceOf(reference) {
      const mappings = await imageMappings(imageMap);
      // What is wrong with a map is told where steps are mapped.
      return mappings.ok ? mapImage(mappings.value, asImageRef(reference)) : reference;
    },
    async logins(registry, { serviceAccount, secret }) {
      const podTemplate = secret === undefined ? {} : { imagePullSecrets: [{ name: secret }] };
      const own = await ownLogins(world, registry);
      return {
        keychains: [
          registryCredentialsOf({ serviceAccountName: serviceAccount, podTemplate }, objects),
          own.credentials.map((each) => ({ ...each, registry: hubName(each.registry) })),
        ],
        diagnostics: [...missing(secret, objects), ...own.diagnostics],
      };
    },
  };
}

/** Docker's own configuration knows its hub by several names, resolvers by one. */
function hubName(registry: string): string {
  return registry.replace(/^(?:registry-1\.)?docker\.io(?=\/|$)/u, "index.docker.io");
}

/** As upstream, which goes on without it. */
function missing(secret: string | undefined, objects: ClusterObjects): readonly Diagnostic[] {
  if (secret === undefined || objects.secrets.has(secret)) return [];
  const message = `there is no Secret ${JSON.stringify(secret)} among the documents: its logins are not used`;
  return [
    { code: "secret.missing", severity: "warning", message, hint: `Give it with -f, or with --secret ${secret}=FILE` },
  ];
}
