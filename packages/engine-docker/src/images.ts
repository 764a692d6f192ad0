import { type default as Docker, type ImageInspectInfo } from "dockerode";
import { LapcatError } from "@lapcat/diagnostic";
import {
  type CancelSignal,
  type ImageInfo,
  type ImageName,
  type ImageRef,
  type PullOptions,
  type PullProgress,
  type RegistryCredential,
} from "@lapcat/engine";
import { daemonMessage, engineError, isMissing } from "./errors.ts";
import { fullName, imageName, repositoryOf } from "./image-reference.ts";
import { finished, type ProgressLine } from "./progress.ts";
import { platformSignal } from "./signals.ts";

export interface Images {
  pull(image: ImageRef, options: PullOptions, signal: CancelSignal): Promise<ImageInfo>;
  /** What the engine has under that name; rejects with `image.unavailable` when it has nothing. */
  local(image: ImageRef): Promise<ImageInfo>;
}

export function engineImages(docker: Docker): Images {
  const known = new Map<string, ImageInfo>();
  const pulling = new Map<string, Promise<ImageInfo>>();

  const find = async (image: ImageRef): Promise<ImageInfo | undefined> => {
    const name = imageName(image);
    // Podman keeps local builds under localhost/, and knows them by the name as it was written.
    for (const candidate of new Set([fullName(name), image])) {
      try {
        return describe(image, name, await docker.getImage(candidate).inspect());
      } catch (cause) {
        if (!isMissing(cause)) throw engineError(cause, `look for the image ${image}`);
      }
    }
    return undefined;
  };

  const local = async (image: ImageRef): Promise<ImageInfo> => {
    const info = known.get(image) ?? (await find(image));
    if (info === undefined) {
      throw new LapcatError({
        code: "image.unavailable",
        message: `the image ${image} is not on this machine`,
        hint: "pull it, or allow pulling: --pull missing, imagePullPolicy: IfNotPresent",
      });
    }
    known.set(image, info);
    return info;
  };

  const fetch = async (image: ImageRef, options: PullOptions, signal: CancelSignal): Promise<ImageInfo> => {
    if (options.policy === "Never") return local(image);
    if (options.policy === "IfNotPresent") {
      const present = known.get(image) ?? (await find(image));
      if (present !== undefined) {
        known.set(image, present);
        return present;
      }
    }
    await pullFromRegistry(docker, image, options, signal);
    known.delete(image);
    const pulled = { ...(await local(image)), pulled: true };
    known.set(image, pulled);
    return pulled;
  };

  return {
    local,
    pull(image, options, signal) {
      const key = `${options.policy} ${image}`;
      let work = pulling.get(key);
      if (work === undefined) {
        work = fetch(image, options, signal).finally(() => pulling.delete(key));
        pulling.set(key, work);
      }
      return work;
    },
  };
}

function describe(image: ImageRef, name: ImageName, found: ImageInspectInfo): ImageInfo {
  const digests = (found.RepoDigests ?? []).filter((each) => !each.startsWith("<none>"));
  const familiar = repositoryOf(name).replace(/^docker\.io\/(?:library\/)?/u, "");
  const own = digests.find((each) => [familiar, repositoryOf(name)].includes(each.slice(0, each.indexOf("@"))));
  const { Entrypoint, Cmd, User, WorkingDir, Env } = found.Config;
  const list = (value: string | readonly string[] | null | undefined): readonly string[] =>
    typeof value === "string" ? [value] : (value ?? []);
  return {
    image,
    id: found.Id.includes(":") ? found.Id : `sha256:${found.Id}`,
    imageId: own ?? digests[0] ?? found.Id,
    pulled: false,
    entrypoint: list(Entrypoint),
    cmd: list(Cmd),
    user: User ?? "",
    workingDir: WorkingDir ?? "",
    env: Env ?? [],
  };
}

async function pullFromRegistry(
  docker: Docker,
  image: ImageRef,
  options: PullOptions,
  signal: CancelSignal,
): Promise<void> {
  const name = imageName(image);
  const credential = credentialFor(name, options.credentials);
  const authconfig = credential === undefined ? undefined : authOf(name, credential);
  const { abortSignal, release } = platformSignal(signal);
  try {
    const stream = await docker.pull(fullName(name), {
      abortSignal,
      ...(authconfig === undefined ? {} : { authconfig }),
    });
    const told = progressOf(image, options.onProgress);
    await finished(stream, told);
  } catch (cause) {
    throw pullError(cause, image, name, credential, signal);
  } finally {
    release();
  }
}

function authOf(name: ImageName, credential: RegistryCredential): Record<string, string> {
  const serveraddress = name.registry === "docker.io" ? "https://index.docker.io/v1/" : name.registry;
  return credential.identityToken === undefined
    ? { username: credential.username, password: credential.password, serveraddress }
    : { identitytoken: credential.identityToken, serveraddress };
}

/** The login whose registry, or repository prefix on it, fits best. */
export function credentialFor(
  name: ImageName,
  credentials: readonly RegistryCredential[],
): RegistryCredential | undefined {
  let best: RegistryCredential | undefined;
  let bestLength = -1;
  for (const credential of credentials) {
    const [host = "", ...path] = credential.registry
      .replace(/^https?:\/\//u, "")
      .replace(/\/(?:v[12]\/?)?$/u, "")
      .split("/");
    const registry = ["index.docker.io", "registry-1.docker.io"].includes(host) ? "docker.io" : host;
    const prefix = path.join("/");
    const fits = prefix === "" || name.repository === prefix || name.repository.startsWith(`${prefix}/`);
    if (registry === name.registry && fits && prefix.length > bestLength) {
      best = credential;
      bestLength = prefix.length;
    }
  }
  return best;
}

function pullError(
  cause: unknown,
  image: ImageRef,
  name: ImageName,
  credential: RegistryCredential | undefined,
  signal: CancelSignal,
): LapcatError {
  const said = daemonMessage(cause);
  const wrapped = engineError(cause, `pull ${image}`);
  if (signal.aborted || wrapped.diagnostic.code === "disk.full" || wrapped.diagnostic.code === "engine.none")
    return wrapped;
  if (wrapped.diagnostic.code === "engine.lost") return wrapped;
  const refused =
    /unauthorized|authentication required|no basic auth|incorrect username or password/iu.test(said) ||
    (credential !== undefined && /denied|forbidden/iu.test(said));
  const where = name.registry === "docker.io" ? "Docker Hub" : name.registry;
  if (refused) {
    return new LapcatError(
      {
        code: "image.unauthorized",
        message:
          credential === undefined
            ? `${where} wants a login for ${image}: ${said}`
            : `${where} refused the login of ${JSON.stringify(credential.username)} for ${image}: ${said}`,
        hint: "give the registry's credentials: --docker-config, or a kubernetes.io/dockerconfigjson Secret of the run's ServiceAccount",
      },
      cause,
    );
  }
  return new LapcatError(
    {
      code: "image.unavailable",
      message: `the image ${image} could not be pulled from ${where}: ${said}`,
      hint: /denied/iu.test(said)
        ? "check the name; if the repository is private, give its credentials with --docker-config"
        : "check the name and the network; --image-map serves an image by another one",
    },
    cause,
  );
}

/** Sums the layers up: engines tell of each on its own. */
function progressOf(
  image: ImageRef,
  tell: ((progress: PullProgress) => void) | undefined,
): (line: ProgressLine) => void {
  const layers = new Map<string, { readonly current: number; readonly total: number }>();
  return ({ status, id, progressDetail }) => {
    if (tell === undefined || status === undefined) return;
    const { current, total } = progressDetail ?? {};
    if (id !== undefined && status === "Downloading" && current !== undefined && total !== undefined) {
      layers.set(id, { current, total });
    } else if (id !== undefined && status === "Download complete") {
      const total = layers.get(id)?.total ?? 0;
      layers.set(id, { current: total, total });
    }
    if (layers.size === 0) {
      tell({ image, status });
      return;
    }
    let sum = { current: 0, total: 0 };
    for (const each of layers.values()) sum = { current: sum.current + each.current, total: sum.total + each.total };
    tell({ image, status, ...sum });
  };
}
