// Clone, build, push: by lapcat, and the same by hand with `docker run`.
import { join } from "node:path";
import { startServices } from "../scripts/services.ts";
import { root } from "../scripts/stages.ts";
import { type Comparison } from "./bench.ts";
import { type Command } from "./measure.ts";

const gitInit = "ghcr.io/tektoncd/github.com/tektoncd/pipeline/cmd/git-init:v0.18.1";
const buildah = "quay.io/buildah/stable:v1.17.0";

/** What `privileged: true` comes to on engines that cannot grant it is not asked of the hand-made one: buildah needs no more than this. */
const capabilities = [
  "--cap-add",
  "SYS_ADMIN",
  "--security-opt",
  "seccomp=unconfined",
  "--security-opt",
  "apparmor=unconfined",
];

export async function mainJob(
  lapcat: (...args: readonly string[]) => Command,
  compare: (comparison: Comparison) => Promise<void>,
): Promise<void> {
  const services = await startServices({ prefix: "lapcat-bench" });
  try {
    const { registry, git } = services;
    const image = `${registry.host}/bench/app:latest`;
    const trust = ["-v", `${registry.caFile}:/ca/ca.crt:ro`, "-e", "SSL_CERT_DIR=/etc/ssl/certs:/ca"];
    const login = ["-v", `${join(registry.dockerConfigFile, "..")}:/root/.docker:ro`];
    const work = ["-v", "lapcat-bench-work:/workspace/source", "-w", "/workspace/source"];
    const build = [
      ...work,
      ...trust,
      ...login,
      "-v",
      "lapcat-bench-lib:/var/lib/containers",
      ...capabilities,
      buildah,
      "buildah",
    ];
    const steps = [
      [
        "-v",
        "lapcat-bench-work:/workspace/source",
        "--entrypoint",
        "/ko-app/git-init",
        gitInit,
        "-url",
        git.url,
        "-revision",
        "master",
        "-path",
        "/workspace/source",
        "-depth",
        "1",
      ],
      [
        ...build,
        "--storage-driver=overlay",
        "bud",
        "--format=oci",
        "--tls-verify=true",
        "--no-cache",
        "-f",
        "Dockerfile",
        "-t",
        image,
        "/workspace/source",
      ],
      [
        ...build,
        "--storage-driver=overlay",
        "push",
        "--tls-verify=true",
        "--digestfile",
        "/workspace/source/image-digest",
        image,
        `docker://${image}`,
      ],
    ];
    const quoted = (words: readonly string[]): string =>
      words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    const script = [
      "docker volume create lapcat-bench-work >/dev/null",
      "docker volume create lapcat-bench-lib >/dev/null",
      ...steps.map((step) => `docker run --rm ${quoted(step)}`),
      "docker volume rm lapcat-bench-work lapcat-bench-lib >/dev/null",
    ].join("\n");
    await compare({
      name: "main-job",
      what: "git-clone, buildah build and push : the same three by hand with docker run --rm",
      reach: 1.15,
      rounds: 5,
      ours: lapcat(
        "run",
        "-f",
        join(root, "fixtures", "build-image"),
        "--catalog",
        join(root, "fixtures", "catalog"),
        `--param=git-url=${git.url}`,
        `--param=image=${image}`,
        "--docker-config",
        registry.dockerConfigFile,
        "--ca-file",
        registry.caFile,
      ),
      theirs: { command: "sh", args: ["-euc", script] },
    });
  } finally {
    await services.close();
  }
}
