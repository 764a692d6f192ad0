import { latin1 } from "../bytes.ts";
import { type Answer, type Pod, type Question } from "../engine.ts";
import { asContainerName } from "../pod-spec.ts";
import { manualSignal } from "../virtual-clock.ts";
import {
  finish,
  holds,
  never,
  podOf,
  rejection,
  same,
  step,
  withPod,
  type ContractContext,
  type ContractPromise,
} from "./setting.ts";

const name = asContainerName("sidecar-server");
const step0 = asContainerName("step-idle");

/** A pod in which a sidecar runs `script`; the step makes it a pod of two, as any with a sidecar is. */
async function withServer(
  engine: Parameters<ContractPromise["check"]>[0],
  context: ContractContext,
  script: string,
  use: (pod: Pod) => Promise<void>,
  network: "pod" | "host" | "none" = "pod",
): Promise<void> {
  const containers = [step(context, step0, "true"), step(context, name, script, { role: "sidecar" })];
  const spec = podOf(context.freshRun(), `contract-ask-${network}`, containers, [], { network });
  await withPod(engine, spec, async (pod) => {
    await pod.start(name);
    const said: string[] = [];
    const reading = (async () => {
      for await (const { bytes } of pod.logs(name)) said.push(latin1(bytes));
    })();
    await use(pod);
    await pod.kill(name, 0);
    await reading;
  });
}

async function yes(pod: Pod, question: Question, context: ContractContext): Promise<Answer> {
  let answer = await pod.ask(name, question, never);
  for (let times = 0; !answer.ok && times < 50; times++) {
    await context.clock.sleep(100, never);
    answer = await pod.ask(name, question, never);
  }
  return answer;
}

/** What may be asked of a container while it runs. */
export const questionPromises: readonly ContractPromise[] = [
  {
    name: "a question to a container that has ended is answered no",
    needs: [],
    async check(engine, context) {
      const only = asContainerName("step-only");
      await withPod(
        engine,
        podOf(context.freshRun(), "contract-ask-ended", [step(context, only, "true")]),
        async (pod) => {
          await rejection(
            (async () => pod.ask(only, { kind: "exec", command: ["true"] }, never))(),
            "asking before the start",
          );
          await finish(pod, only);
          const { ok } = await pod.ask(only, { kind: "exec", command: ["true"] }, never);
          same(ok, false, "the answer");
        },
      );
    },
  },
  {
    name: "a command is run in the container, as its user and with its variables, and its exit code is the answer",
    needs: ["programs"],
    async check(engine, context) {
      const script = "echo ready > /tmp/ready; while :; do sleep 0.05; done";
      await withServer(engine, context, script, async (pod) => {
        const ask = (command: string): Promise<Answer> =>
          pod.ask(name, { kind: "exec", command: ["sh", "-c", command] }, never);
        same((await yes(pod, { kind: "exec", command: ["cat", "/tmp/ready"] }, context)).ok, true, "an exit code of 0");
        same(await ask("echo why >&2; exit 3"), { ok: false, said: "why" }, "an exit code of 3");
        const { ok } = await pod.ask(name, { kind: "exec", command: ["no-such-program"] }, never);
        same(ok, false, "a program that is not there");
      });
    },
  },
  {
    name: "a port that somebody listens at is told from one where nobody does",
    needs: ["programs"],
    async check(engine, context) {
      for (const network of ["pod", "none"] as const) {
        await withServer(
          engine,
          context,
          "while :; do nc -l -p 8765; done",
          async (pod) => {
            const answer = await yes(pod, { kind: "tcp", port: 8765 }, context);
            same(answer.ok, true, `port 8765, network ${network} (${answer.said})`);
            const closed = await pod.ask(name, { kind: "tcp", port: 8766 }, never);
            holds(!closed.ok && closed.said.includes("refused"), `port 8766 answers ${JSON.stringify(closed)}`);
          },
          network,
        );
      }
    },
  },
  {
    name: "an HTTP answer between 200 and 399 is a yes, any other a no",
    needs: ["programs"],
    async check(engine, context) {
      const question = { kind: "http", scheme: "HTTP", port: 8765, headers: [] } as const;
      const script = "mkdir -p /tmp/www; echo ok > /tmp/www/ready; exec httpd -f -p 8765 -h /tmp/www";
      await withServer(engine, context, script, async (pod) => {
        const answer = await yes(pod, { ...question, path: "/ready?x=1" }, context);
        same(answer.ok, true, `200 (${answer.said})`);
        const missing = await pod.ask(name, { ...question, path: "/missing" }, never);
        holds(!missing.ok && missing.said.includes("404"), `404 is answered with ${JSON.stringify(missing)}`);
        const closed = await pod.ask(name, { ...question, path: "/ready", port: 8766 }, never);
        holds(!closed.ok && closed.said.includes("refused"), `port 8766 answers ${JSON.stringify(closed)}`);
        const tls = await pod.ask(name, { ...question, path: "/ready", scheme: "HTTPS" }, never);
        same(tls.ok, false, "HTTPS where there is none");
      });
    },
  },
  {
    name: "who asks may stop waiting for the answer",
    needs: ["programs"],
    async check(engine, context) {
      await withServer(engine, context, "while :; do sleep 0.05; done", async (pod) => {
        const signal = manualSignal();
        const asking = rejection(
          pod.ask(name, { kind: "exec", command: ["sleep", "600"] }, signal),
          "a cancelled question",
        );
        await context.clock.sleep(100, never);
        signal.cancel();
        await asking;
        same((await pod.ask(name, { kind: "exec", command: ["true"] }, never)).ok, true, "the next question");
      });
    },
  },
  {
    name: "what has ended may be started once more, as if it had never run, and is read anew",
    needs: ["programs"],
    async check(engine, context) {
      const only = asContainerName("step-only");
      const script = "echo life >> /tmp/lives; grep -c life /tmp/lives; exit 4";
      await withPod(
        engine,
        podOf(context.freshRun(), "contract-again", [step(context, only, script), step(context, "b", "true")]),
        async (pod) => {
          const lives = [await finish(pod, only), await finish(pod, only), await finish(pod, only)];
          same(
            lives.map(({ stdout, exitCode }) => [stdout, exitCode]),
            [
              ["1\n", 4],
              ["1\n", 4],
              ["1\n", 4],
            ],
            "its lives",
          );
        },
      );
    },
  },
];
