import { type Ref } from "@lapcat/tekton";

/** Whether a reference is a resolver's to follow. */
export function isRemote(ref: Ref | undefined): ref is Ref & { readonly resolver: string } {
  return (ref?.resolver ?? "") !== "";
}
