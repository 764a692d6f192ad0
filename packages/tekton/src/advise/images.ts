import { type Advice, at, type Place } from "./advice.ts";
import { stepActionsIn, tasksIn } from "./specs.ts";

/** Images without a tag or digest: what runs changes with the registry's `latest`. */
export function adviseOnImages(advice: Advice): void {
  const check = (image: string | undefined, place: Place): void => {
    if (image === undefined || !isUntagged(image)) return;
    advice.say(
      at(place, "image"),
      "image.untagged",
      `the image ${image} has no tag: it is whatever its registry calls latest`,
      {
        hint: `name a version: ${image}:TAG`,
      },
    );
  };
  for (const located of advice.resources) {
    for (const { spec, place } of tasksIn(located)) {
      check(spec.stepTemplate?.image, at(place, "stepTemplate"));
      (spec.steps ?? []).forEach(({ image }, index) => check(image, at(place, "steps", index)));
      (spec.sidecars ?? []).forEach(({ image }, index) => check(image, at(place, "sidecars", index)));
    }
    for (const { spec, place } of stepActionsIn(located)) check(spec.image, place);
  }
}

function isUntagged(image: string): boolean {
  const last = image.trim().split("/").at(-1) ?? "";
  return last !== "" && !/[:@\s]|\$\(/u.test(last);
}
