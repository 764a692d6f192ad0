import { rmSync, statSync } from "node:fs";

/** One that nobody took would stay as old as it is: the watcher only makes sure that there is one. */
export function forgetMemoryMark(mark: string, before: number): void {
  const stat = statSync(mark, { throwIfNoEntry: false });
  if (stat !== undefined && stat.mtimeMs < before) rmSync(mark, { force: true });
}

/**
 * Podman's watcher of a container (conmon) leaves a file `oom` when the kernel has killed for want of memory. It means to leave it with the
 * container, where Podman looks; under a service it leaves it in the service's own directory, and Podman never tells. Who finds one that is
 * younger than his container takes it away, so that it is told of one container only.
 */
export function takeMemoryMark(mark: string, since: number): boolean {
  const stat = statSync(mark, { throwIfNoEntry: false });
  if (stat === undefined || stat.mtimeMs < since) return false;
  rmSync(mark, { force: true });
  return true;
}
