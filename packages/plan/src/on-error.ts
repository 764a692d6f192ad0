import { type PipelineTask } from "@lapcat/tekton";

/** What is wrong with a PipelineTask's `onError` once params are in it: in our words, and in upstream's (PipelineTask.ValidateOnError). */
export function onErrorFault({
  onError = "",
  retries = 0,
}: PipelineTask): { readonly message: string; readonly upstream: string } | undefined {
  if (onError === "" || onError.startsWith("$(params")) return undefined;
  if (onError !== "continue" && onError !== "stopAndFail")
    return {
      message: `onError is continue or stopAndFail, and this becomes ${JSON.stringify(onError)}`,
      upstream: `invalid value: ${onError}: OnError\nPipelineTask OnError must be either "continue" or "stopAndFail"`,
    };
  if (onError === "stopAndFail" || retries <= 0) return undefined;
  return {
    message: "onError cannot be continue where there are retries",
    upstream: 'PipelineTask OnError cannot be set to "continue" when Retries is greater than 0: ',
  };
}
