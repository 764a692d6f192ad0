import { type VerificationKey, type VerificationPolicy } from "../verification-policy.ts";
import { regexFault } from "./go-regex.ts";
import { checkObjectMeta } from "./object-meta.ts";
import { inside, named, report, reportMissing, type Scope } from "./scope.ts";

/** VerificationPolicy.Validate, which does not say that all this stands in `spec`. */
export function checkVerificationPolicy(scope: Scope, policy: VerificationPolicy): void {
  checkObjectMeta(scope, policy.metadata);
  const place = inside(scope, "spec");
  const { resources = [], authorities = [], mode = "" } = policy.spec;
  if (resources.length === 0) reportMissing(place, "resources", "a VerificationPolicy");
  resources.forEach(({ pattern = "" }, index) => {
    const fault = regexFault(pattern);
    if (fault === undefined) return;
    const at = named(inside(place, "resources", index, "pattern"), "ResourcePattern");
    report(at, "field.value", `${JSON.stringify(pattern)} is no regular expression: ${fault}`);
  });
  if (authorities.length === 0) reportMissing(place, "authorities", "a VerificationPolicy");
  authorities.forEach(({ key }, index) => {
    if (key !== undefined) checkKey(named(inside(place, "authorities", index, "key"), "key", `[${index}]`), key);
  });
  if (!["", "enforce", "warn"].includes(mode)) {
    const at = named(inside(place, "mode"), "mode");
    report(at, "field.value", `the mode is enforce or warn, and this is ${JSON.stringify(mode)}`);
  }
}

const algorithms = ["", "sha224", "sha256", "sha384", "sha512"];

/** KeyRef.Validate. */
function checkKey(scope: Scope, key: VerificationKey): void {
  const given = (["data", "kms", "secretRef"] as const).filter((field) => (key[field] ?? "") !== "");
  if (given.length !== 1) {
    const code = given.length === 0 ? "field.missing" : "field.conflict";
    report(named(scope, "data"), code, `a key has one of data, kms and secretRef, and this has ${given.length}`);
  }
  const algorithm = key.hashAlgorithm ?? "";
  if (!algorithms.includes(algorithm.toLowerCase())) {
    const at = named(inside(scope, "hashAlgorithm"), "HashAlgorithm");
    report(at, "field.value", `the hashAlgorithm is one of ${algorithms.slice(1).join(", ")}`);
  }
}
