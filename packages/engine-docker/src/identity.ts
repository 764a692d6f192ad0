import { type Readable } from "node:stream";
import { type default as Docker } from "dockerode";
import { type ContainerSpec, type ImageInfo } from "@lapcat/engine";
import { firstMember, type Owner } from "./archive.ts";
import { engineError, isMissing } from "./errors.ts";

/** Who a container's process is, as the engine will work it out from the image's own account files. */
export interface Identity extends Owner {
  readonly home: string;
}

export interface Accounts {
  /** `containerId` is any container of the image; the files are read once per image. */
  of(container: ContainerSpec, image: ImageInfo, containerId: string): Promise<Identity>;
}

/** The user as the engine is told it: Kubernetes' numbers over the image's USER. */
export function userOf(container: ContainerSpec, image: ImageInfo): string {
  const { user, group } = container.security;
  const [imageUser = "", imageGroup] = image.user.split(":");
  const name = user === undefined ? imageUser : String(user);
  const groupName = group === undefined ? (user === undefined ? imageGroup : undefined) : String(group);
  return groupName === undefined ? name : `${name === "" ? "0" : name}:${groupName}`;
}

const fileLimit = 1 << 20;

export function imageAccounts(docker: Docker): Accounts {
  const files = new Map<string, Promise<AccountFiles>>();

  const read = async (containerId: string, path: string): Promise<string> => {
    try {
      const archive = await docker.getContainer(containerId).getArchive({ path });
      const member = await firstMember(archive as Readable, fileLimit);
      return member.kind === "file" ? member.bytes.toString("utf8") : "";
    } catch (cause) {
      if (isMissing(cause)) return "";
      throw engineError(cause, `read ${path} of a container`);
    }
  };

  return {
    async of(container, image, containerId) {
      let found = files.get(image.id);
      if (found === undefined) {
        found = Promise.all([read(containerId, "/etc/passwd"), read(containerId, "/etc/group")]).then(
          ([passwd, group]) => ({ passwd, group }),
        );
        files.set(image.id, found);
      }
      return identify(userOf(container, image), homeVariable(container, image), await found);
    },
  };
}

interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

function homeVariable(container: ContainerSpec, image: ImageInfo): string | undefined {
  const own = container.env.findLast((each) => each.name === "HOME");
  const inherited = image.env.find((each) => each.startsWith("HOME="))?.slice("HOME=".length);
  return own?.value ?? inherited ?? container.defaultEnv.findLast((each) => each.name === "HOME")?.value;
}

export function identify(user: string, homeFromEnv: string | undefined, { passwd, group }: AccountFiles): Identity {
  const [name = "", groupName] = user.split(":");
  const rows = passwd.split("\n").map((line) => line.split(":"));
  const wanted = name === "" ? "0" : name;
  const row =
    rows.find((each) => each[0] === wanted) ?? rows.find((each) => /^\d+$/u.test(wanted) && each[2] === wanted);
  const uid = Number(row?.[2] ?? wanted);
  const groupRow =
    groupName === undefined
      ? undefined
      : group
          .split("\n")
          .map((line) => line.split(":"))
          .find((each) => each[0] === groupName);
  const gid = Number(groupRow?.[2] ?? groupName ?? row?.[3] ?? "0");
  const home = homeFromEnv !== undefined && homeFromEnv !== "" ? homeFromEnv : row?.[5];
  return {
    uid: Number.isInteger(uid) ? uid : 0,
    gid: Number.isInteger(gid) ? gid : 0,
    home: home === undefined || home === "" ? "/" : home,
  };
}
