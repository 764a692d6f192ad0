import { md5 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { isAfter, type TektonVersion } from "./versions.ts";

const longest = 63;
const head = longest - 32;

/** A Kubernetes name made of its parent's: hashed where the two together are longer than 63 (knative kmeta.ChildName). */
export function childName(parent: string, suffix: string): string {
  if (parent.length + suffix.length <= longest) return parent + suffix;
  if (head - suffix.length > 0) return parent.slice(0, head - suffix.length) + hexOf(md5, parent) + suffix;
  const hashed = parent.slice(0, head) + hexOf(md5, parent + suffix);
  return withoutTail(hashed + suffix.slice(0, Math.max(0, longest - hashed.length)));
}

/** A PipelineTask's TaskRun; `index` and `count` when a matrix fans it out (getNewRunNames). */
export function taskRunName(
  pipelineRun: string,
  pipelineTask: string,
  { version, seed = "", index, count = 2 }: NameOptions & { readonly index?: number; readonly count?: number } = {},
): string {
  if (!isAfter("child-names-derived", version))
    return withSuffix([pipelineRun, pipelineTask, ...(index === undefined ? [] : [index])].join("-"), seed);
  const single = childName(pipelineRun, `-${pipelineTask}`);
  if (index === undefined) return single;
  const name = childName(pipelineRun, `-${pipelineTask}-${index}`);
  if (name.endsWith(`-${index}`)) return name;
  return `${single.slice(0, longest - `-${count}`.length)}-${index}`;
}

/** The pod of a TaskRun's attempt; `retry` 0 is the first (pod.go). */
export function podName(taskRun: string, retry: number, { version, seed = "" }: NameOptions = {}): string {
  if (!isAfter("pod-names-derived", version)) return withSuffix(`${taskRun}-pod`, `${seed} ${retry}`);
  return childName(taskRun, retry === 0 ? "-pod" : `-pod-retry${retry}`);
}

/** Which Tekton names it, and what older ones' random characters are made from: the same run always has the same names. */
export interface NameOptions {
  readonly version?: TektonVersion | undefined;
  readonly seed?: string;
}

/** Five characters where older versions had five random ones (RestrictLengthWithRandomSuffix). */
export function withSuffix(base: string, seed: string): string {
  const hash = sha256(utf8ToBytes(`${base} ${seed}`));
  const suffix = Array.from(hash.subarray(0, 5), (byte) => alphabet[byte % alphabet.length] ?? "b").join("");
  return `${base.slice(0, longest - 6)}-${suffix}`;
}

/** `step-<name>` or `step-unnamed-<index>`, as paths and references have it, however long (entrypoint.go StepName). */
export function stepPathName(name: string | undefined, index: number): string {
  return name === undefined || name === "" ? `step-unnamed-${index}` : `step-${name}`;
}

/** The same as a container's name may be (names.RestrictLength). */
export function stepContainerName(name: string | undefined, index: number): string {
  return restrictLength(stepPathName(name, index));
}

export function sidecarContainerName(name: string): string {
  return restrictLength(`sidecar-${name}`);
}

/** The volume of a bound workspace, as `$(workspaces.x.volume)` says it. */
export function workspaceVolumeName(workspace: string): string {
  return hashedName("ws", workspace, 5);
}

/** A prefix and the beginning of the name's hash, filled up with zeros (names.GenerateHashedName). */
export function hashedName(prefix: string, name: string, length: number): string {
  return `${prefix}-${fnv32a(name).toString(16).slice(0, length).padEnd(length, "0")}`;
}

/** The claim made from a volumeClaimTemplate (GeneratePVCNameFromWorkspaceBinding). */
export function claimName(templateName: string | undefined, workspace: string, uid: string): string {
  const prefix = templateName === undefined || templateName === "" ? "pvc" : templateName;
  return `${prefix}-${hexOf(sha256, workspace + uid).slice(0, 10)}`;
}

const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** What an API server makes of `metadata.generateName`: the prefix and five characters, 63 at most. */
export function generateName(prefix: string, random: () => number): string {
  const suffix = Array.from({ length: 5 }, () => alphabet[Math.floor(random() * alphabet.length)] ?? "b").join("");
  return prefix.slice(0, longest - 5) + suffix;
}

/** A version 4 UUID. `random` gives numbers from 0 up to, not including, 1. */
export function newUid(random: () => number): string {
  const digit = (value: number): string => value.toString(16);
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/gu, (kind) => {
    const value = Math.floor(random() * 16);
    return digit(kind === "x" ? value : (value & 0b0011) | 0b1000);
  });
}

/** At most 63 characters, the last one alphanumeric (names.RestrictLength). */
export function restrictLength(name: string): string {
  return withoutTail(name.slice(0, longest));
}

function withoutTail(name: string): string {
  return name.replace(/[^a-zA-Z0-9]+$/u, "");
}

function hexOf(hash: (bytes: Uint8Array) => Uint8Array, text: string): string {
  return bytesToHex(hash(utf8ToBytes(text)));
}

function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8ToBytes(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
