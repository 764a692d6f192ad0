import { default as standalone } from "ajv/dist/standalone/index.js";
import { allSchemas } from "./all-schemas.ts";
import { ajvOfNouns } from "./compile-checker.ts";

/**
 * The source of a module that stands in for `compile-checker.ts` where start-up counts: the same checkers, compiled when the bundle is
 * built and not at every start.
 */
export function standaloneCheckers(): string {
  const nouns = Object.keys(allSchemas());
  const exported = Object.fromEntries(nouns.map((noun, index) => [`checker${index}`, `/${noun}`]));
  const code = standalone.default(ajvOfNouns({ source: true, esm: true }), exported);
  const table = nouns.map((noun, index) => `  ${JSON.stringify(noun)}: checker${index},`).join("\n");
  return `${code}
const checkers = {
${table}
};
export function compileChecker(noun) {
  const made = checkers[noun];
  if (made === undefined) throw new Error("there is no schema for " + noun);
  return made;
}
`;
}
