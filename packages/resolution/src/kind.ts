import { type Located, type TektonResource } from "@lapcat/tekton";

/** For filtering located resources by their kind. */
export function isKind<K extends TektonResource["kind"]>(
  kind: K,
): (located: Located) => located is Located<Extract<TektonResource, { kind: K }>> {
  return (located): located is Located<Extract<TektonResource, { kind: K }>> => located.resource.kind === kind;
}
