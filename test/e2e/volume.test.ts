// The volumes of claims that outlive runs: used by name across runs, listed, copied, removed.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EngineClient } from "./contract-images.ts";
import { docker, podman } from "./support/clients.ts";
import { type Home, succeeded, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith } from "./support/on-engine.ts";

const image = "docker.io/library/busybox:latest";

const taskRun = (script: string): string =>
  JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "TaskRun",
    metadata: { generateName: "volume-" },
    spec: {
      taskSpec: {
        workspaces: [{ name: "source" }],
        steps: [{ name: "only", image, workingDir: "$(workspaces.source.path)", script }],
      },
    },
  });

function onClient(client: EngineClient, placement: "auto" | "archive"): void {
  const claim = `e2e-${process.pid}-${client.command}-${placement}`;
  const decoy = `lapcat-claim-${claim}-decoy`;
  const engine = (...args: readonly string[]) => execa(client.command, args, { env: client.env, reject: false });
  let home: Home;
  beforeAll(async () => {
    home = temporaryHome({ ...client.env, LAPCAT_ENGINE: client.command, LAPCAT_PLACEMENT: placement });
    await engine("volume", "create", decoy);
    await engine("volume", "create", "--label", `dev.lapcat.claim=${claim}`, `other-${claim}`);
  });
  afterAll(async () => {
    await engine("volume", "rm", "-f", decoy, `other-${claim}`, `lapcat-claim-${claim}`);
    home?.remove();
  });
  const inTree = (...path: readonly string[]): string => join(home.directory, ...path);
  const names = async (): Promise<readonly string[]> =>
    (await home.lapcat("volume", "ls", "-o", "name")).stdout.split("\n").filter((each) => each.includes(claim));

  test("what is copied in is there for a run, what a run writes is there for the next, and for copying out", async () => {
    mkdirSync(inTree("in/deep"), { recursive: true });
    writeFileSync(inTree("in/deep/note"), "from here");
    symlinkSync("deep/note", inTree("in/link"));
    succeeded(await home.lapcat("volume", "cp", "in", `${claim}:/`));
    succeeded(await home.lapcat("volume", "cp", "in/deep/note", `${claim}:/in/second`));
    succeeded(await home.lapcat("volume", "cp", "in/.", `${claim}:/in/deep`));
    const workspace = ["-w", `name=source,claimName=${claim}`];
    const first = home.file(
      "first.yaml",
      taskRun("cat in/link in/second; ls in/deep; mkdir out; echo made > out/file; id > out/who"),
    );
    const run = succeeded(await home.lapcat("run", "-f", first, ...workspace));
    expect(run.stdout).toContain("[only] from herefrom heredeep\n[only] link\n[only] note\n");
    const second = home.file("second.yaml", taskRun("cat out/file; ln -s /etc/passwd out/passwd; ln -s file out/own"));
    expect(succeeded(await home.lapcat("run", "-f", second, ...workspace)).stdout).toContain("[only] made\n");
    const [last = ""] = (await home.lapcat("ls", "-o", "name")).stdout.split("\n");

    expect(await names()).toEqual([claim]);
    const listed = succeeded(await home.lapcat("volume", "ls", "--size", "-o", "json"));
    const rows = JSON.parse(listed.stdout) as readonly { readonly claim: string }[];
    expect(rows.find((each) => each.claim === claim)).toMatchObject({
      volume: `lapcat-claim-${claim}`,
      lastUsedBy: last,
      lastUsed: expect.stringMatching(/^20/u),
      bytes: expect.any(Number),
    });
    expect((await home.lapcat("volume", "ls")).stdout).toMatch(new RegExp(`^${claim} .* ${last}$`, "mu"));

    const copied = succeeded(await home.lapcat("volume", "cp", `${claim}:/out`, "."));
    expect(copied.stderr).toContain("left out");
    expect(copied.stderr).toContain("/etc/passwd");
    expect(readdirSync(inTree("out")).toSorted()).toEqual(["file", "own", "who"]);
    expect(readlinkSync(inTree("out/own"))).toBe("file");
    succeeded(await home.lapcat("volume", "cp", `${claim}:out/file`, "alone"));
    expect(readFileSync(inTree("alone"), "utf8")).toBe("made\n");
    succeeded(await home.lapcat("volume", "cp", `${claim}:/`, "."));
    expect(readFileSync(inTree(claim, "in/deep/note"), "utf8")).toBe("from here");
  });

  test("what cannot be copied is refused, and nothing is replaced", async () => {
    writeFileSync(inTree("mine"), "mine");
    for (const [args, code, words] of [
      [["cp", `${claim}:/out/file`, "mine"], 2, "exists already"],
      [["cp", `${claim}:/none`, "none"], 2, "has no /none"],
      [["cp", `${claim}:/../../etc/passwd`, "none"], 2, "leads out of the volume"],
      [["cp", `${claim}-none:/`, "none"], 2, "there is no volume of a claim"],
      [["cp", "none", `${claim}:/`], 2, "there is no none"],
      [["cp", "mine", "none"], 2, "one of the two"],
      [["rm", `${claim}-decoy`], 2, "there is no volume of a claim"],
      [["rm", `../${claim}`], 2, "there is no volume of a claim"],
    ] as const) {
      const ended = await home.lapcat("volume", ...args);
      expect({ args, code: ended.code, stderr: ended.stderr }).toEqual({
        args,
        code,
        stderr: expect.stringContaining(words),
      });
    }
    expect(readFileSync(inTree("mine"), "utf8")).toBe("mine");
    expect(existsSync(inTree("none"))).toBe(false);
  });

  test("rm removes it, and what only looks like one stays", async () => {
    const user = `${claim}-user`;
    await engine("run", "--detach", "--name", user, "-v", `lapcat-claim-${claim}:/v`, image, "sleep", "60");
    const inUse = await home.lapcat("volume", "rm", claim);
    await engine("rm", "-f", user);
    expect(inUse).toMatchObject({ code: 3, stderr: expect.stringContaining(`remove the volume of claim ${claim}`) });
    expect(await home.lapcat("volume", "rm", claim)).toMatchObject({ code: 0, stdout: claim });
    expect(await names()).toEqual([]);
    const left = (await engine("volume", "ls", "--quiet")).stdout.split("\n").filter((each) => each.includes(claim));
    expect(left.toSorted()).toEqual([decoy, `other-${claim}`]);
    const containers = await engine("ps", "--all", "--filter", "label=dev.lapcat.run", "--format", "{{.Names}}");
    expect(containers.stdout).not.toContain("volume-copy-");
  });
}

for (const placement of ["auto", "archive"] as const)
  describeWith(`lapcat volume on docker, ${placement}`, await absenceOf(docker, image), "in CI", () =>
    onClient(docker, placement),
  );
describeWith("lapcat volume on podman", await absenceOf(podman, image), "where it is", () => onClient(podman, "auto"));
