import { textOf } from "./bytes.ts";

/** Shorter ones would mask half of every log. */
const shortest = 4;

/** The secret values that reach a Pod. Surrounding white space is left off: what a program prints of a file rarely has it. */
export interface SecretTexts {
  readonly values: ReadonlySet<string>;
  add(value: string | Uint8Array): void;
}

export function secretTexts(): SecretTexts {
  const values = new Set<string>();
  return {
    values,
    add: (value) => {
      const text = (typeof value === "string" ? value : textOf(value))?.trim();
      if (text !== undefined && text.length >= shortest) values.add(text);
    },
  };
}
