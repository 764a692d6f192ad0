import { execa } from "execa";

/** The client of an engine, for what its API room does not do: making images, removing what a user keeps. */
export interface EngineClient {
  readonly command: "docker" | "podman";
  readonly env: Readonly<Record<string, string>>;
}

export const contractImages = {
  shell: "lapcat.dev/contract-shell:1",
  configured: "lapcat.dev/contract-configured:1",
  missing: "127.0.0.1:1/lapcat/missing:1",
} as const;

const base = "docker.io/library/busybox:latest";
const account = "nonroot:x:65532:65532::/home/nonroot:/bin/sh";

export async function run(client: EngineClient, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(client.command, args, { env: client.env });
  return stdout;
}

async function has(client: EngineClient, image: string): Promise<boolean> {
  return run(client, "image", "inspect", image).then(
    () => true,
    () => false,
  );
}

/** busybox with one more account, and the same with an ENTRYPOINT, a CMD, a USER and variables. */
export async function makeContractImages(client: EngineClient): Promise<void> {
  const made = await Promise.all([contractImages.shell, contractImages.configured].map((image) => has(client, image)));
  if (made.every(Boolean)) return;
  if (!(await has(client, base))) await obtain(client);
  const name = `lapcat-contract-images-${process.pid}`;
  await run(
    client,
    "run",
    "--name",
    name,
    "--network=none",
    base,
    "sh",
    "-c",
    `echo '${account}' >> /etc/passwd; mkdir -p /mnt`,
  );
  try {
    const commit = async (image: string, ...changes: readonly string[]): Promise<unknown> =>
      run(client, "commit", ...changes.flatMap((change) => ["--change", change]), name, image);
    await commit(contractImages.shell, 'CMD ["sh"]');
    await commit(
      contractImages.configured,
      'ENTRYPOINT ["echo","entry"]',
      'CMD ["cmd"]',
      "USER nonroot",
      "ENV FROM_IMAGE=image",
      "ENV SHARED=image",
    );
  } finally {
    await run(client, "rm", "-f", name);
  }
}

/** Podman has its own images; what Docker has already it gets from there. */
async function obtain(client: EngineClient): Promise<void> {
  const docker: EngineClient = { command: "docker", env: {} };
  if (client.command === "podman" && (await has(docker, base))) {
    const save = execa("docker", ["save", base], { encoding: "buffer", maxBuffer: 2 ** 30 });
    await execa("podman", ["load"], { env: client.env, input: (await save).stdout });
  } else {
    await run(client, "pull", base);
  }
}
