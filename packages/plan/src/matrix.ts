import { isArrayValue, type Matrix, type Param } from "@lapcat/tekton";

type Combination = Map<string, string>;

/** The params of each TaskRun that a matrix makes, in the order of their indices: the first param varies fastest (Matrix.FanOut). */
export function combinationsOf(matrix: Matrix): readonly (readonly Param[])[] {
  const included = (matrix.include ?? []).map(
    ({ params = [] }): Combination =>
      new Map(params.flatMap(({ name, value }) => (typeof value === "string" ? [[name, value]] : []))),
  );
  if ((matrix.params ?? []).length === 0) return included.map(paramsOf);
  const product = productOf(matrix.params ?? []);
  for (const combination of product) {
    for (const include of included) {
      if ([...include].every(([name, value]) => (combination.get(name) ?? value) === value)) {
        for (const [name, value] of include) combination.set(name, value);
      }
    }
  }
  for (const include of included) {
    const shares = product.some((each) => [...include].some(([name, value]) => each.get(name) === value));
    if (include.size > 0 && !shares) product.push(include);
  }
  return product.map(paramsOf);
}

/** `$(tasks.t.matrix.length)`: counted as it is written, where a list that is another task's result is one value (CountCombinations). */
export function writtenLength({ params = [], include = [] }: Matrix): number {
  if (params.length === 0) return include.length;
  const lists = new Map(
    params.map(({ name, value }) => [name, typeof value !== "string" && isArrayValue(value) ? value : []]),
  );
  const product = [...lists.values()].reduce((count, { length }) => count * Math.max(1, length), 1);
  const added = include.map(({ params: own = [] }) => {
    const shared = own.flatMap(({ name, value }) => {
      const list = lists.get(name);
      return list === undefined ? [] : [typeof value === "string" && list.includes(value)];
    });
    const first = shared.indexOf(true);
    return first === -1 ? shared.length : first;
  });
  return added.reduce((count, each) => count + each, product);
}

/** Whether a param has no values at all, so that nothing is to be run. */
export function hasEmptyParam(matrix: Matrix): boolean {
  return (matrix.params ?? []).some(
    ({ value }) => typeof value !== "string" && isArrayValue(value) && value.length === 0,
  );
}

function productOf(params: readonly Param[]): Combination[] {
  let product: Combination[] = [];
  for (const { name, value } of params) {
    const values = typeof value !== "string" && isArrayValue(value) ? value : [];
    product =
      product.length === 0
        ? values.map((each) => new Map([[name, each]]))
        : values.flatMap((each) => product.map((combination) => new Map(combination).set(name, each)));
  }
  return product;
}

/** By name, as text. */
function paramsOf(combination: Combination): readonly Param[] {
  return [...combination].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ({ name, value }));
}
