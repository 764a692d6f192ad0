import { type Ref } from "./task.ts";

/** Under what a Task has the StepAction that a step refers to: references that are written alike have the same. */
export function stepActionKey({ name = "", resolver = "", params = [] }: Ref): string {
  return resolver === "" ? name : JSON.stringify([resolver, name, params]);
}
