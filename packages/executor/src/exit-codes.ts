import { type FileSpec, type PodSpec } from "@lapcat/engine";

/** Where Tekton leaves the exit codes of steps: the second is what the first is made of. */
const places = /\/tekton\/(?:steps|run)\b/u;

/**
 * Whether anything in the Pod speaks of the place where exit codes are left. Where nothing does they are not written:
 * a file put into a running Pod costs as much time as half a step.
 */
export function mentionsExitCodes(spec: PodSpec): boolean {
  const mentions = (text: string): boolean => places.test(text);
  const inFile = ({ content }: FileSpec): boolean => content.kind === "text" && mentions(content.text);
  return (
    spec.volumes.some((volume) => volume.kind === "files" && volume.files.some(inFile)) ||
    spec.containers.some(
      ({ command = [], args = [], env, files }) =>
        command.some(mentions) || args.some(mentions) || env.some(({ value }) => mentions(value)) || files.some(inFile),
    )
  );
}
