import { type ClusterObjects } from "@lapcat/tekton";
import { textOf } from "./bytes.ts";
import { authsIn, loginOf, withAuth } from "./docker-auths.ts";

/** Shorter ones would mask half of every log. */
const shortest = 4;

/**
 * The secret values that reach a Pod. Surrounding white space is left off: what a program prints of a file rarely has it.
 * Of Docker's configuration the logins are secret, one by one.
 */
export interface SecretTexts {
  readonly values: ReadonlySet<string>;
  add(value: string | Uint8Array): void;
}

/** Of every Secret that a run may refer to. */
export function secretsIn({ secrets }: Pick<ClusterObjects, "secrets">): readonly string[] {
  const texts = secretTexts();
  for (const { resource } of secrets.values()) for (const bytes of Object.values(resource.data)) texts.add(bytes);
  return [...texts.values];
}

export function secretTexts(): SecretTexts {
  const values = new Set<string>();
  const note = (text: string | undefined): void => {
    const trimmed = text?.trim() ?? "";
    if (trimmed.length >= shortest) values.add(trimmed);
  };
  return {
    values,
    add: (value) => {
      const text = typeof value === "string" ? value : textOf(value);
      const auths = authsIn(text ?? "");
      if (auths === undefined) note(text);
      for (const entry of Object.values(auths ?? {})) {
        note(loginOf(entry).password);
        note(withAuth(entry).auth);
        note(entry.identitytoken);
      }
    },
  };
}
