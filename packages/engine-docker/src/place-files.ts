import { posix } from "node:path";
import { type Container } from "dockerode";
import { type ContainerSpec, type FileSpec, type PodSpec } from "@lapcat/engine";
import { entriesFor, pack, rootOwner, type ArchiveEntry, type Owner } from "./archive.ts";
import { engineError, isMissing } from "./errors.ts";
import { type Host } from "./host.ts";
import { type Identity } from "./identity.ts";
import { type Member } from "./member.ts";
import { volumeOf, type Placement } from "./volumes.ts";

/** Puts `files` and `homeFiles` where the process will see them: into a volume that is mounted there, or into the container's own root. */
export async function placeFiles(
  host: Host,
  spec: PodSpec,
  placement: Placement,
  member: Member,
  container: Container,
): Promise<void> {
  const { files, homeFiles } = member.spec;
  const copies = placement.copies(member.spec);
  if (copies.length > 0) await putIntoRoot(container, copies, member, spec);
  if (files.length === 0 && homeFiles.length === 0) return;
  const owner = await host.accounts.of(member.spec, member.image, container.id);
  const home = posix.resolve("/", owner.home);
  const wanted = [
    ...(await parentEntries(container, files, owner)),
    ...entriesFor(files, "", owner, undefined),
    ...(await homeEntries(container, homeFiles, home, owner, member.spec, spec)),
  ];
  const byVolume = new Map<ContainerSpec["mounts"][number] | undefined, ArchiveEntry[]>();
  for (const entry of wanted) {
    const mount = mountAt(member.spec, spec, `/${entry.path}`);
    // Nothing is written where its process could not write either.
    if (mount === undefined && member.spec.security.readOnlyRootFilesystem) continue;
    const inside =
      mount === undefined ? entry.path : posix.join(mount.subPath ?? "", posix.relative(mount.path, `/${entry.path}`));
    // The mount point itself is the volume's business.
    if (mount !== undefined && posix.relative(mount.path, `/${entry.path}`) === "") continue;
    byVolume.set(mount, [...(byVolume.get(mount) ?? []), { ...entry, path: inside }]);
  }
  for (const [mount, entries] of byVolume) {
    if (mount !== undefined) await placement.put(mount.volume, entries);
    else await putIntoRoot(container, entries, member, spec);
  }
}

async function putIntoRoot(
  container: Container,
  entries: readonly ArchiveEntry[],
  member: Member,
  pod: PodSpec,
): Promise<void> {
  try {
    await container.putArchive(await pack(entries), { path: "/" });
  } catch (cause) {
    throw engineError(cause, `place files in ${member.spec.name} of ${pod.name}`);
  }
}

/** The mount that a path in the container lies in, unless it is one of the machine's own directories. */
function mountAt(container: ContainerSpec, spec: PodSpec, path: string): ContainerSpec["mounts"][number] | undefined {
  const under = container.mounts.filter(
    (mount) => mount.path === "/" || path === mount.path || path.startsWith(`${mount.path}/`),
  );
  const nearest = under.toSorted((a, b) => b.path.length - a.path.length)[0];
  return nearest === undefined || volumeOf(spec, nearest.volume).kind === "host" ? undefined : nearest;
}

/** Directories that do not exist yet would be made by root; those that do must stay as they are. */
async function parentEntries(
  container: Container,
  files: readonly FileSpec[],
  owner: Owner,
): Promise<readonly ArchiveEntry[]> {
  if (owner.uid === 0) return [];
  const parents = new Set(files.flatMap((file) => ancestors(posix.join("/", file.path))));
  return missingDirectories(container, [...parents], owner, 0o755);
}

async function homeEntries(
  container: Container,
  files: readonly FileSpec[],
  home: string,
  owner: Identity,
  spec: ContainerSpec,
  pod: PodSpec,
): Promise<readonly ArchiveEntry[]> {
  if (files.length === 0) return [];
  const entries = entriesFor(files, home.slice(1), owner, 0o700);
  if (owner.uid === 0 || home === "/" || mountAt(spec, pod, home) !== undefined) return entries;
  const missing = await missingDirectories(container, [...ancestors(home), home], rootOwner, 0o755);
  return [
    ...missing.map((entry) => (entry.path === home.slice(1) ? { ...entry, ...owner, mode: 0o700 } : entry)),
    ...entries,
  ];
}

function ancestors(path: string): readonly string[] {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .slice(0, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

async function missingDirectories(
  container: Container,
  paths: readonly string[],
  { uid, gid }: Owner,
  mode: number,
): Promise<readonly ArchiveEntry[]> {
  const found = await Promise.all(
    paths.toSorted().map(async (path): Promise<ArchiveEntry | undefined> => {
      try {
        await container.infoArchive({ path });
        return undefined;
      } catch (cause) {
        if (isMissing(cause)) return { path: path.slice(1), kind: "directory", mode, uid, gid };
        throw engineError(cause, `look for ${path} in a container`);
      }
    }),
  );
  return found.filter((entry) => entry !== undefined);
}
