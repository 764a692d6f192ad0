import { type Code } from "@lapcat/diagnostic";
import { meantHint } from "../validate/scope.ts";
import { type Param, type ParamSpec, typeOfValue } from "../param.ts";
import { type WorkspaceDeclaration } from "../task.ts";
import { at, type Place, type Say, type Saying } from "./advice.ts";

/** What is given to a definition, and where. */
export interface Call {
  readonly place: Place;
  readonly params: readonly GivenParam[];
  /** Undefined where they are not given by name. */
  readonly workspaces: readonly { readonly name: string; readonly place: Place }[] | undefined;
}

export interface GivenParam extends Param {
  readonly place: Place;
  /** Of a matrix: each of its values is one of the param's. */
  readonly spread?: boolean;
}

/** What a definition says of itself. */
export interface Signature {
  /** `the Task build`. */
  readonly who: string;
  readonly params: readonly ParamSpec[];
  readonly workspaces: readonly WorkspaceDeclaration[];
}

interface Misfit {
  readonly key: string;
  readonly place: Place;
  readonly code: Code;
  readonly message: string;
  readonly saying: Saying;
}

/** Says what does not fit: of several definitions with the name, only what fits none of them. */
export function sayMisfits(say: Say, call: Call, signatures: readonly Signature[]): void {
  const [first = [], ...others] = signatures.map((each) => misfits(call, each)).toReversed();
  for (const { key, place, code, message, saying } of first) {
    if (others.every((each) => each.some((other) => other.key === key))) say(place, code, message, saying);
  }
}

function misfits(call: Call, { who, params, workspaces }: Signature): readonly Misfit[] {
  const found: Misfit[] = [];
  const names = params.map(({ name }) => name);
  for (const given of call.params) {
    const declared = params.find(({ name }) => name === given.name);
    if (declared === undefined) {
      const hint = meantHint(
        given.name,
        names.filter((name) => !call.params.some((each) => each.name === name)),
      );
      const saying = { hint: hint ?? "it is ignored: remove it" };
      found.push({
        key: `+${given.name}`,
        place: at(given.place, "name"),
        code: "param.unknown",
        message: `${who} has no param ${quoted(given.name)}`,
        saying,
      });
      continue;
    }
    const type = given.spread === true ? "string" : typeOfValue(given.value);
    const isOpen = typeof given.value === "string" && given.value.includes("$(");
    const wanted = declared.type ?? "string";
    if (type !== wanted && !isOpen) {
      const message = `the param ${quoted(given.name)} of ${who} is of type ${wanted}, and this is ${article[type]}`;
      found.push({ key: `:${given.name}`, place: at(given.place, "value"), code: "param.type", message, saying: {} });
    }
  }
  for (const { name, default: value } of params) {
    if (value !== undefined || call.params.some((each) => each.name === name)) continue;
    const message = `${who} needs the param ${quoted(name)}, which has no default`;
    found.push({ key: `-${name}`, place: call.place, code: "param.missing", message, saying: {} });
  }
  if (call.workspaces === undefined) return found;
  for (const { name, place } of call.workspaces) {
    if (workspaces.some((each) => each.name === name)) continue;
    const hint = meantHint(
      name,
      workspaces.map((each) => each.name),
    );
    found.push({
      key: `w+${name}`,
      place: at(place, "name"),
      code: "workspace.unknown",
      message: `${who} has no workspace ${quoted(name)}`,
      saying: { hint },
    });
  }
  for (const { name, optional } of workspaces) {
    if (optional === true || call.workspaces.some((each) => each.name === name)) continue;
    found.push({
      key: `w-${name}`,
      place: call.place,
      code: "workspace.missing",
      message: `${who} needs the workspace ${quoted(name)}`,
      saying: {},
    });
  }
  return found;
}

const article = { string: "a string", array: "an array", object: "an object" } as const;

export function quoted(text: string): string {
  return JSON.stringify(text);
}
