import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type Duplex } from "node:stream";
import { type Container } from "dockerode";
import { type Answer, type CancelSignal, type Question } from "@lapcat/engine";
import { demux } from "./demux.ts";
import { engineError, isConflict, isMissing, startErrorOf } from "./errors.ts";
import { httpStatus } from "./http-status.ts";
import { type Relay, relayTo } from "./relay.ts";
import { unlessCancelled } from "./signals.ts";

const longest = 400;
const no = (said: string): Answer => ({ ok: false, said: said.trim().slice(0, longest) });
const yes: Answer = { ok: true, said: "" };

/** Where a question goes: the container itself, and the one that holds the pod's network. */
export interface Asked {
  readonly container: Container;
  /** A pod of one container has none: who would ask. */
  readonly anchor: Container | undefined;
}

export function ask(asked: Asked, question: Question, signal: CancelSignal): Promise<Answer> {
  return unlessCancelled(question.kind === "exec" ? run(asked, question.command) : reach(asked, question), signal);
}

async function run({ container }: Asked, command: readonly string[]): Promise<Answer> {
  try {
    const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
    const stream: Duplex = await exec.start({ hijack: true, stdin: false });
    const output: Uint8Array[] = [];
    let length = 0;
    for await (const { bytes } of demux(stream as AsyncIterable<Buffer>)) {
      if (length < longest) output.push(bytes);
      length += bytes.length;
    }
    const { ExitCode } = await exec.inspect();
    const said = Buffer.concat(output).toString();
    return ExitCode === 0
      ? { ok: true, said: said.trim().slice(0, longest) }
      : no(said === "" ? `exit code ${ExitCode}` : said);
  } catch (cause) {
    const refusal = startErrorOf(cause);
    if (refusal !== undefined) return no(refusal);
    if (isConflict(cause) || isMissing(cause)) return no("the container does not run");
    throw engineError(cause, "run a command in a container");
  }
}

async function reach({ container, anchor }: Asked, question: Exclude<Question, { kind: "exec" }>): Promise<Answer> {
  if (anchor === undefined) throw new Error("a pod of one container has no network that others share");
  if (!(await isRunning(container))) return no("the container does not run");
  const { host, port } = question;
  const address = await addressOf(anchor, host);
  if (address === undefined) return no(`${host} has no address`);
  const relay = (to: number): Promise<Relay> => relayTo(anchor, address, to);
  if (question.kind === "http") return httpStatus(question, host ?? address, relay);
  const reached = await relay(port);
  if (reached.kind === "closed") return no(`port ${port}: ${reached.why}`);
  reached.socket.destroy();
  return yes;
}

async function isRunning(container: Container): Promise<boolean> {
  try {
    return (await container.inspect()).State.Running;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw engineError(cause, "look whether a container runs");
  }
}

/** The pod's own, as the kubelet would reach it; where the pod has none but the loopback, that. */
async function addressOf(anchor: Container, host: string | undefined): Promise<string | undefined> {
  if (host !== undefined) {
    if (isIP(host) !== 0) return host;
    return lookup(host).then(
      ({ address }) => address,
      () => undefined,
    );
  }
  try {
    const { NetworkSettings } = await anchor.inspect();
    const networks: readonly { readonly IPAddress?: string }[] = Object.values(NetworkSettings.Networks);
    const own = (NetworkSettings as { readonly IPAddress?: string }).IPAddress;
    return [own, ...networks.map(({ IPAddress }) => IPAddress)].find((each) => (each ?? "") !== "") ?? "127.0.0.1";
  } catch (cause) {
    throw engineError(cause, "learn a pod's address");
  }
}
