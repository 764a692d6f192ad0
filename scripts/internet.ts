// A container that stands for the hosts of the internet that Tekton's examples speak to. Pods know it by their hostAliases, lapcat by a proxy.
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalogDirectory } from "./conformance/examples.ts";
import { startConnectProxy } from "./connect-proxy.ts";
import { catalogIn } from "./services/catalog-hosts.ts";
import { container } from "./services/container-cli.ts";
import { addressOf, create, forge, images, stateDirectory, stopServices, until } from "./services.ts";
import { root } from "./stages.ts";

export interface Internet {
  /** A Pod template, as JSON, in which the hosts' names lead here. */
  readonly podTemplate: string;
  /** By which lapcat itself, and git, find the hosts. */
  readonly proxy: string;
  /** The authority that vouches for the hosts, in PEM. */
  readonly ca: string;
  close(): Promise<void>;
}

const names = ["github.com", "gcr.io", "ghcr.io", "raw.githubusercontent.com", "artifacthub.io", "api.hub.tekton.dev"];
const scripts = join(root, "scripts", "services");

export async function startInternet(prefix: string): Promise<Internet> {
  await stopServices(prefix);
  const name = `${prefix}-internet`;
  const services = join(stateDirectory(prefix), "services");
  try {
    writeRepositories(join(services, "repositories"));
    writeFileSync(join(services, "catalog.json"), JSON.stringify(catalogIn(catalogDirectory)));
    for (const each of ["internet-server.ts", "catalog-hosts.ts", "git-backend.ts"])
      cpSync(join(scripts, each), join(services, each));
    // The certificate needs no address: the hosts are known by their names.
    const forged = await forge({
      ADDRESS: "127.0.0.1",
      NAMES: names.join(","),
      USERNAME: "nobody",
      PASSWORD: "unused",
    });
    for (const each of ["server.crt", "server.key"])
      writeFileSync(join(services, each), forged[each] ?? "", { mode: 0o600 });
    await container(...create({ prefix }, "registry", 5000), images.registry);
    await container("start", `${prefix}-registry`);
    const registry = `REGISTRY=http://${await addressOf(`${prefix}-registry`)}:5000`;
    const run = ["--env", registry, "--entrypoint", "node", images.tools, "/services/internet-server.ts"];
    await container(...create({ prefix }, "internet", 443), ...run);
    await container("cp", services, `${name}:/`);
    await container("start", name);
    const [address] = await Promise.all([
      addressOf(name),
      until(name, async () => (await container("logs", name)).includes("listening")),
    ]);
    const podTemplate = JSON.stringify({ hostAliases: [{ ip: address, hostnames: names }] });
    const proxy = await startConnectProxy(names, address);
    return {
      podTemplate,
      proxy: proxy.url,
      ca: forged["ca.crt"] ?? "",
      close() {
        proxy.close();
        return stopServices(prefix);
      },
    };
  } catch (error) {
    await stopServices(prefix);
    throw error;
  }
}

function writeRepositories(directory: string): void {
  const example = join(directory, "GoogleContainerTools/skaffold/examples/getting-started");
  mkdirSync(example, { recursive: true });
  writeFileSync(join(example, "Dockerfile"), 'FROM scratch\nCOPY greeting /\nCMD ["/greeting"]\n');
  writeFileSync(join(example, "greeting"), "hello\n");
  if (existsSync(catalogDirectory)) cpSync(catalogDirectory, join(directory, "tektoncd/catalog"), { recursive: true });
  const nocode = join(directory, "kelseyhightower/nocode");
  mkdirSync(nocode, { recursive: true });
  writeFileSync(join(nocode, "README.md"), "# Nothing\n");
  for (const each of ["myorg/demo-repo-1", "myorg/demo-repo-2", "myorg/another-repo", "secret-org/private-repo"]) {
    mkdirSync(join(directory, each), { recursive: true });
    writeFileSync(join(directory, each, "README.md"), `# ${each}\n`);
  }
}
