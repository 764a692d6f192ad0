import { type FileSpec, type PodSpec } from "@lapcat/engine";

/** Where Tekton leaves the exit codes of steps: the second is what the first is made of. Their neighbours are of no interest. */
const exitCodes = /\/tekton\/(?:steps|run)\b(?!\/[^/\s"']+\/(?:status\/)?(?:results|artifacts)\b)/u;

/** Where steps and tasks say what they took and made; who walks there by himself may come through the places above. */
const artifacts =
  /\/tekton\/artifacts\b|\/artifacts\/provenance\.json|\/tekton\/(?:steps|run)\b(?!\/[^/\s"']+\/(?:results|exitCode)\b)/u;

/**
 * Whether anything in the Pod speaks of the place where exit codes are left. Where nothing does they are not written:
 * a file put into a running Pod costs as much time as half a step.
 */
export function mentionsExitCodes(spec: PodSpec): boolean {
  return mentions(spec, exitCodes);
}

/** The same for artifacts, which are not looked for then. */
export function mentionsArtifacts(spec: PodSpec): boolean {
  return mentions(spec, artifacts);
}

function mentions(spec: PodSpec, places: RegExp): boolean {
  const mentioned = (text: string): boolean => places.test(text);
  const inFile = ({ content }: FileSpec): boolean => content.kind === "text" && mentioned(content.text);
  return (
    spec.volumes.some((volume) => volume.kind === "files" && volume.files.some(inFile)) ||
    spec.containers.some(
      ({ command = [], args = [], env, files }) =>
        command.some(mentioned) ||
        args.some(mentioned) ||
        env.some(({ value }) => mentioned(value)) ||
        files.some(inFile),
    )
  );
}
