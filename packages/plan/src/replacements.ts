import { replace, type Replacements, replaceValue } from "@lapcat/substitution";
import { goJson, type Param, type WhenExpression } from "@lapcat/tekton";

export function replaceOptional(text: string | undefined, replacements: Replacements): string | undefined {
  return text === undefined ? undefined : replace(text, replacements);
}

export function replaceParams(params: readonly Param[], replacements: Replacements): readonly Param[] {
  return params.map(({ name, value }) => ({ name, value: replaceValue(value, replacements) }));
}

/** An array as input becomes its JSON text; an array among the values becomes its elements (WhenExpression.applyReplacements). */
export function replaceWhen(when: readonly WhenExpression[], replacements: Replacements): readonly WhenExpression[] {
  const texts = { ...replacements, arrays: new Map<string, readonly string[]>() };
  return when.map((each) => {
    const { input, values, cel } = each;
    const array = input === undefined ? undefined : wholeArray(input, replacements);
    return {
      ...each,
      ...(input !== undefined && { input: array === undefined ? replace(input, texts) : goJson(array) }),
      ...(values !== undefined && {
        values: values.flatMap((value) => wholeArray(value, replacements) ?? [replace(value, texts)]),
      }),
      ...(cel !== undefined && { cel: replace(cel, texts) }),
    };
  });
}

/** Params are arrays here only with a star, results also without. */
function wholeArray(text: string, replacements: Replacements): readonly string[] | undefined {
  if (!/^\$\((?:tasks\..*|params\..*\[\*\])\)$/su.test(text)) return undefined;
  return replacements.arrays.get(text.slice(2, -1).replace(/\[\*\]$/u, ""));
}
