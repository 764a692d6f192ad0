import { asContainerName } from "../pod-spec.ts";
import {
  finish,
  holds,
  never,
  podOf,
  printed,
  runAll,
  same,
  secured,
  step,
  withPod,
  type ContractPromise,
} from "./setting.ts";

/** What the containers of a pod share of their machine: name, network, kernel parameters. */
export const networkPromises: readonly ContractPromise[] = [
  {
    name: "the hostname is the pod's name, cut to 63 characters",
    needs: ["programs"],
    async check(engine, context) {
      const long = `contract-${"x".repeat(70)}`;
      const one = await printed(engine, context, long, "hostname");
      same(one, `${long.slice(0, 63)}\n`, "of a pod of one");
      const [first] = await runAll(
        engine,
        podOf(context.freshRun(), "contract-host", [step(context, "a", "hostname"), step(context, "b", "true")]),
      );
      same(first?.stdout, "contract-host\n", "of a pod of two");
    },
  },
  {
    name: "containers of a pod share localhost, /dev/shm and the host aliases",
    needs: ["programs"],
    async check(engine, context) {
      const spec = podOf(
        context.freshRun(),
        "contract-shared",
        [
          step(
            context,
            "step-ask",
            "i=0; until nc 127.0.0.1 4567 </dev/null 2>/dev/null; do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done; cat /dev/shm/note; grep -c 'two.example' /etc/hosts",
          ),
          step(context, "sidecar-tell", "echo noted > /dev/shm/note; while :; do echo hello | nc -l -p 4567; done", {
            role: "sidecar",
          }),
        ],
        [],
        { hostAliases: [{ ip: "10.1.2.3", hostnames: ["one.example", "two.example"] }] },
      );
      await withPod(engine, spec, async (pod) => {
        const sidecar = asContainerName("sidecar-tell");
        await pod.start(sidecar);
        const { stdout } = await finish(pod, "step-ask");
        same(stdout, "hello\nnoted\n1\n", "what the step got");
        await pod.kill(sidecar, 0);
        await pod.wait(sidecar, never);
      });
    },
  },
  {
    name: "a pod without a network has only its loopback",
    needs: ["programs"],
    async check(engine, context) {
      const output = await printed(engine, context, "contract-none", "grep -c : /proc/net/dev", {}, [], {
        network: "none",
      });
      same(output, "1\n", "the number of interfaces");
      const spec = podOf(
        context.freshRun(),
        "contract-none-2",
        [step(context, "a", "grep -c : /proc/net/dev"), step(context, "b", "true")],
        [],
        { network: "none" },
      );
      same((await runAll(engine, spec))[0]?.stdout, "1\n", "the number of interfaces, in a pod of two");
    },
  },
  {
    name: "a pod on the host's network sees it, alone or with others",
    needs: ["programs"],
    async check(engine, context) {
      // The namespace itself: on a busy host interfaces come and go.
      const script = "readlink /proc/self/ns/net";
      const one = await printed(engine, context, "contract-net", script, {}, [], { network: "host" });
      const spec = podOf(
        context.freshRun(),
        "contract-net-2",
        [step(context, "a", script), step(context, "b", "true")],
        [],
        { network: "host" },
      );
      const [first] = await runAll(engine, spec);
      same([first?.stdout, first?.stderr], [one, ""], "the namespace of a pod of two");
      const own = await printed(engine, context, "contract-net-own", script);
      holds(own.startsWith("net:[") && own !== one, "a pod on the pod network has a namespace of its own");
    },
  },
  {
    name: "kernel parameters of the pod's network are set, and /proc is hidden in part unless it is not to be",
    needs: ["programs"],
    async check(engine, context) {
      const sysctls = { "net.ipv4.ip_local_port_range": "2000 3000" };
      const script = "cat /proc/sys/net/ipv4/ip_local_port_range";
      const [two] = await runAll(
        engine,
        podOf(context.freshRun(), "contract-sysctl", [step(context, "a", script), step(context, "b", "true")], [], {
          sysctls,
        }),
      );
      const one = await printed(engine, context, "contract-sysctl-1", script, {}, [], { sysctls });
      same([two?.stdout, one], ["2000\t3000\n", "2000\t3000\n"], "the range of ports");
      const masked = "grep -c ' /proc/' /proc/self/mounts || true";
      const unmasked = secured({ unmaskedProc: true });
      const usual = await printed(engine, context, "contract-proc", masked);
      const open = await printed(engine, context, "contract-proc-2", masked, { security: unmasked });
      holds(
        Number(usual) > 0 && Number(open) === 0,
        `mounts over /proc: ${usual.trim()} usually, ${open.trim()} unmasked`,
      );
    },
  },
];
