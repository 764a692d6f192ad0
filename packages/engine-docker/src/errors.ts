import { LapcatError } from "@lapcat/diagnostic";

/** What a request to the daemon ended in, whichever way it failed. */
interface Answer {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly message: string;
}

const gone = new Set(["ECONNREFUSED", "ENOENT", "EPIPE", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "ENOTFOUND"]);

function answerOf(cause: unknown): Answer {
  if (!(cause instanceof Error)) return { status: undefined, code: undefined, message: String(cause) };
  const { statusCode, json, code } = cause as Error & { statusCode?: unknown; json?: unknown; code?: unknown };
  const said = typeof json === "object" && json !== null && "message" in json ? json.message : undefined;
  return {
    status: typeof statusCode === "number" ? statusCode : undefined,
    code: typeof code === "string" ? code : undefined,
    message: (typeof said === "string" ? said : cause.message.replace(/^\(HTTP code \d+\) [^-]*- /u, "")).trim(),
  };
}

/** A failed request as what a user is told; `doing` completes "could not …". */
export function engineError(cause: unknown, doing: string): LapcatError {
  if (cause instanceof LapcatError) return cause;
  const { status, code, message } = answerOf(cause);
  if (code === "EACCES" || code === "EPERM") {
    return new LapcatError(
      {
        code: "engine.none",
        message: `the engine's socket may not be opened (${code}); could not ${doing}`,
        hint: "join the group that owns the socket (usually docker), or use a rootless engine",
      },
      cause,
    );
  }
  if (status === undefined && ((code !== undefined && gone.has(code)) || /socket hang up|aborted/u.test(message))) {
    return new LapcatError(
      {
        code: "engine.lost",
        message: `the container engine stopped answering (${code ?? message}); could not ${doing}`,
        hint: "look at the engine's own log; `lapcat doctor` tells whether it is back",
      },
      cause,
    );
  }
  if (/no space left on device|disk quota exceeded/u.test(message) || code === "ENOSPC") {
    return new LapcatError(
      {
        code: "disk.full",
        message: `no space left; could not ${doing}: ${message}`,
        hint: "`docker system df` shows what takes the space; `lapcat prune` removes what lapcat left",
      },
      cause,
    );
  }
  const refused = { code: "engine.refused", message: `the engine could not ${doing}: ${message}` } as const;
  return new LapcatError(raisesLimits(cause) ? { ...refused, hint: limitsHint } : refused, cause);
}

/** The engine gives containers higher limits than its own root may. */
function raisesLimits(cause: unknown): boolean {
  return /setting rlimit|setrlimit|RLIMIT_/u.test(answerOf(cause).message);
}

const limitsHint =
  'this root may not raise its limits (`ulimit -H -n` tells them): Podman wants default_ulimits = ["nofile=20000:20000", "nproc=16384:16384"] or lower under [containers] in its containers.conf (/etc/containers, or the file that CONTAINERS_CONF names)';

export function isMissing(cause: unknown): boolean {
  return answerOf(cause).status === 404;
}

/** A path through a file, or links in a circle. */
export function leadsNowhere(cause: unknown): boolean {
  return /not a directory|too many (?:links|levels of symbolic links)/u.test(answerOf(cause).message);
}

/** Already there, already gone, already being removed, not running: what makes removing and killing harmless twice. */
export function isConflict(cause: unknown): boolean {
  const { status, message } = answerOf(cause);
  return status === 304 || status === 409 || (status === 500 && /is not running|can only kill running/u.test(message));
}

/** A container of that name is there already; Podman answers with 500. */
export function isNameTaken(cause: unknown): boolean {
  return /\bname\b.* already in use/u.test(answerOf(cause).message);
}

/** The engine's root lacks a capability it would have to grant. */
export function lacksCapabilities(cause: unknown): boolean {
  return /unable to apply caps|can't apply capabilities|capset/iu.test(answerOf(cause).message);
}

/** The path of a bind mount that the daemon does not see: it has another filesystem, or nothing is there. */
export function unseenSource(cause: unknown): string | undefined {
  return /bind source path does not exist: (\S+)/u.exec(answerOf(cause).message)?.[1];
}

export function isOutOfSpace(cause: unknown): boolean {
  return /no space left on device/u.test(answerOf(cause).message);
}

const runtimeFailure =
  /OCI runtime|runc create failed|runc run failed|crun: |container process|failed to create shim|unable to find user|unable to find group|no matching entries in (passwd|group) file|workdir .* does not exist/u;

/** Why the process could not be executed, when that is what start's refusal says. */
export function startErrorOf(cause: unknown): string | undefined {
  const { status, message } = answerOf(cause);
  if (status === undefined || isOutOfSpace(cause) || raisesLimits(cause) || !runtimeFailure.test(message))
    return undefined;
  return message
    .replace(
      /^.*(?:starting container process caused: |unable to start container process: |OCI runtime create failed: |crun: )/su,
      "",
    )
    .replace(/: (?:unknown|OCI runtime [a-z -]+)$/u, "")
    .trim();
}

/** What the daemon said, without the transport's words. */
export function daemonMessage(cause: unknown): string {
  return answerOf(cause).message;
}
