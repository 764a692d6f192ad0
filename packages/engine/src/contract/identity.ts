import { asImageRef } from "../pod-spec.ts";
import { holds, mount, printed, same, scratch, secured, textFile, type ContractPromise } from "./setting.ts";

/** Who a process is, what it may do, and whose the files are that are placed for it. */
export const identityPromises: readonly ContractPromise[] = [
  {
    name: "user, group and supplemental groups are the numbers given",
    needs: ["programs"],
    async check(engine, context) {
      const security = secured({ user: 1234, group: 2345, supplementalGroups: [3456] });
      same(
        await printed(engine, context, "contract-user", "id -u; id -g; id -G", { security }),
        "1234\n2345\n2345 3456\n",
        "id",
      );
      const group = secured({ group: 2345 });
      const image = asImageRef(context.images.configured);
      same(
        await printed(engine, context, "contract-group", "id -u; id -g", { security: group, image }),
        "65532\n2345\n",
        "id with a group alone",
      );
    },
  },
  {
    name: "capabilities, privilege escalation and the root filesystem are as restricted as asked",
    needs: ["programs"],
    async check(engine, context) {
      const security = secured({
        capabilities: { add: ["CHOWN"], drop: ["ALL"] },
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      });
      const output = await printed(
        engine,
        context,
        "contract-security",
        "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; touch /x 2>/dev/null || echo read-only",
        { security },
      );
      same(output.replace(/\s+/gu, " "), "CapEff: 0000000000000001 NoNewPrivs: 1 read-only ", "what it may do");
    },
  },
  {
    name: "a privileged container may mount, and its files are placed whatever it takes",
    needs: ["programs", "privileged"],
    async check(engine, context) {
      const security = secured({ privileged: true });
      const script = "mount -t tmpfs none /mnt && cat /placed";
      const more = { security, files: [textFile("placed", "here\n")] };
      same(
        await printed(engine, context, "contract-privileged", `mkdir -p /mnt; ${script}`, more),
        "here\n",
        "its output",
      );
      same(
        await printed(engine, context, "contract-privileged-2", `mkdir -p /mnt; ${script}`, more),
        "here\n",
        "the next one's output",
      );
    },
  },
  {
    name: "files are owned by the step's user, those of the home with closed directories",
    needs: ["programs"],
    async check(engine, context) {
      const files = [textFile("etc/placed/config", "a", 0o640), textFile("top", "b", 0o600)];
      const homeFiles = [textFile(".docker/config.json", "{}", 0o600, true), textFile(".netrc", "n", 0o600, true)];
      const script =
        'cd "$HOME"; stat -c "%n %u:%g %a" "$HOME" .docker .docker/config.json .netrc /etc/placed/config /top; cat .docker/config.json && touch "$HOME/mine"';
      const image = asImageRef(context.images.configured);
      same(
        await printed(engine, context, "contract-files", script, { image, files, homeFiles }),
        "/home/nonroot 65532:65532 700\n.docker 65532:65532 700\n.docker/config.json 65532:65532 600\n.netrc 65532:65532 600\n/etc/placed/config 65532:65532 640\n/top 65532:65532 600\n{}",
        "as nonroot",
      );
      const before = await printed(engine, context, "contract-files-1", "stat -c %a / /root");
      const root = 'stat -c "%u:%g %a" "$HOME/.docker/config.json"; stat -c %a / /root';
      same(
        await printed(engine, context, "contract-files-2", root, { homeFiles }),
        `0:0 600\n${before}`,
        "as root, with / and /root as they were",
      );
    },
  },
  {
    name: "where the root may not be written, files are placed in volumes and home files are left out",
    needs: ["programs"],
    async check(engine, context) {
      const script = "cat /creds/file; ls -A /home/nonroot; touch /new 2> /dev/null || echo shut";
      const more = {
        security: secured({ user: 65532, readOnlyRootFilesystem: true }),
        files: [textFile("creds/file", "kept\n", 0o600, true)],
        homeFiles: [textFile(".file", "left out", 0o600, true)],
        mounts: [mount("creds", "/creds")],
      };
      const output = await printed(engine, context, "contract-read-only", script, more, [scratch("creds", "memory")]);
      same(output, "kept\nshut\n", "what it found");
    },
  },
  {
    name: "home files find a home that lies in a volume",
    needs: ["programs"],
    async check(engine, context) {
      const env = [{ name: "HOME", value: "/tekton/home" }];
      const security = secured({ user: 65532 });
      const more = {
        env,
        security,
        homeFiles: [textFile(".ssh/config", "c", 0o600, true)],
        mounts: [mount("home", "/tekton/home")],
      };
      for (const medium of ["disk", "memory"] as const) {
        const script = 'stat -c %a /tekton/home; cd /tekton/home; stat -c "%u %a" .ssh .ssh/config';
        const output = await printed(engine, context, `contract-home-${medium}`, script, more, [
          scratch("home", medium),
        ]);
        holds(output === "777\n65532 700\n65532 600\n", `on ${medium}: ${JSON.stringify(output)}`);
      }
    },
  },
];
