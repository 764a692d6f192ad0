import { type ObjectMeta } from "../kubernetes.ts";
import { isDnsSubdomain } from "./formats.ts";
import { inside, named, report, reportMissing, within, type Scope } from "./scope.ts";

/** validate.ObjectMetadata; a generated name is valid if its prefix is. */
export function checkObjectMeta(scope: Scope, metadata: ObjectMeta): void {
  const place = within(scope, "metadata");
  const { name = "", generateName = "" } = metadata;
  if (name === "" && generateName === "") {
    reportMissing(place, "name", "the object", "write metadata.name, or metadata.generateName to have one made");
  } else if (name === "" ? !isDnsSubdomain(`${generateName}bbbbb`.slice(-63)) : !isDnsSubdomain(name)) {
    const field = name === "" ? "generateName" : "name";
    report(
      named(inside(place, field), "name"),
      "field.value",
      `an object's name cannot be ${JSON.stringify(name === "" ? generateName : name)}`,
      {
        hint: "small letters, digits, - and dots; it begins and ends with a letter or digit",
      },
    );
  } else if (name.length > 63) {
    report(
      within(place, "name"),
      "field.value",
      `an object's name has at most 63 characters, and this has ${name.length}`,
    );
  }
}
