import { type Ref } from "../task.ts";
import { isQualifiedName, isUrlLike } from "./formats.ts";
import { needApiFields, needFlag } from "./gates.ts";
import { checkGivenParams } from "./params.ts";
import { inside, report, reportMissing, within, type Scope } from "./scope.ts";

/** validateRef: a reference has a name, or a resolver and its params. Upstream speaks of a step's as of the step. */
export function checkRef(scope: Scope, ref: Ref): void {
  const name = ref.name ?? "";
  const resolver = ref.resolver ?? "";
  if (resolver !== "" || ref.params !== undefined) {
    if (ref.params !== undefined) {
      needApiFields(scope, "params", "a resolver's params", "beta");
      if (name !== "")
        report(within(scope, "name"), "field.conflict", "a reference has a name or params, not both", { atKey: true });
      if (resolver === "") reportMissing(scope, "resolver", "a reference with params");
      checkGivenParams(scope, ref.params, "");
    }
    if (resolver !== "") {
      needApiFields(scope, "resolver", "a resolver", "beta");
      if (name !== "" && !isUrlLike(name))
        report(within(scope, "name"), "field.value", "the name beside a resolver has to be a URL");
      else if (name !== "" && !scope.gates.conciseResolver) needConcise(scope);
    }
  } else if (name === "") {
    reportMissing(scope, "name", "a reference");
  } else if (isUrlLike(name)) {
    if (!scope.gates.conciseResolver) needConcise(scope);
    reportMissing(scope, "resolver", "a reference whose name is a URL");
  } else if (!isQualifiedName(name)) {
    report(within(scope, "name"), "field.value", `${JSON.stringify(name)} cannot be the name of an object`);
  }
}

function needConcise(scope: Scope): void {
  needFlag(inside(scope, "name"), "enable-concise-resolver-syntax", "a URL as a name");
}
