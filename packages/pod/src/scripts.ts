import { internalPaths, isAfter, type TektonVersion } from "@lapcat/tekton";
import { type FileSpec } from "@lapcat/engine";
import { expandKubernetes } from "@lapcat/substitution";

export interface ScriptFile {
  /** As the container sees it: its command. */
  readonly path: string;
  readonly file: FileSpec;
}

/** A script without an interpreter of its own runs under `sh`, which stops at the first failure; one with it is left as it is (pod/script.go). */
export function scriptFile(
  prefix: "script" | "sidecar-script",
  index: number,
  script: string,
  tekton: TektonVersion | undefined,
): ScriptFile {
  const preamble = `#!/bin/sh\nset -${isAfter("scripts-quiet", tekton) ? "e" : "xe"}\n`;
  const whole = script.trim().startsWith("#!") ? script : preamble + script;
  // Where the script stood in an argument of a container that had no variables.
  const text = isAfter("scripts-verbatim", tekton) ? whole : expandKubernetes(whole, new Map());
  const name = `${prefix}-${index}-${suffixOf(text)}`;
  return {
    path: `${internalPaths.scripts}/${name}`,
    file: { path: name, content: { kind: "text", text }, mode: 0o755, secret: false },
  };
}

const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** Five characters where Tekton has five random ones: the same script always has the same name. */
function suffixOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return Array.from(
    { length: 5 },
    (_, place) => alphabet[Math.floor(hash / alphabet.length ** place) % alphabet.length],
  ).join("");
}
