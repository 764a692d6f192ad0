import { type ContainerSpec } from "./pod-spec.ts";
import { type ImageInfo } from "./engine.ts";

/**
 * The argument vector a container runs, and the part of it that stands for ENTRYPOINT.
 *
 * Tekton looks the entrypoint up itself and differs from Docker in one case: an image with only CMD, given args, runs CMD followed by args
 * (pkg/pod/entrypoint_lookup_impl.go). With ENTRYPOINT, args replace CMD. `command` replaces both.
 */
export function processOf(
  { runner = [], ...container }: Pick<ContainerSpec, "command" | "args" | "runner">,
  image: Pick<ImageInfo, "entrypoint" | "cmd">,
): readonly string[] {
  const process = ownProcess(container, image);
  return process.length === 0 ? process : [...runner, ...process];
}

function ownProcess(
  container: Pick<ContainerSpec, "command" | "args">,
  image: Pick<ImageInfo, "entrypoint" | "cmd">,
): readonly string[] {
  const args = container.args ?? [];
  if (container.command !== undefined && container.command.length > 0) return [...container.command, ...args];
  if (image.entrypoint.length === 0) return [...image.cmd, ...args];
  return args.length === 0 ? [...image.entrypoint, ...image.cmd] : [...image.entrypoint, ...args];
}
