// Repositories made of plain files, and their smart HTTP by git's own `git http-backend`. Runs in a container.
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { type IncomingMessage, type ServerResponse } from "node:http";

const date = "2026-01-01T00:00:00Z";
const identity = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "lapcat"],
    [`GIT_${role}_EMAIL`, "lapcat@example.com"],
    [`GIT_${role}_DATE`, date],
  ]),
);

function git(...args: readonly string[]): void {
  execFileSync("git", args, { stdio: "inherit", env: { ...process.env, HOME: "/root", ...identity } });
}

/** A bare repository of the files in a directory, always with the same commit for the same files. */
export function makeRepository(files: string, repository: string, branch: string): void {
  git("init", "-q", "-b", branch, files);
  git("-C", files, "add", "-A");
  git("-C", files, "commit", "-q", "-m", "A small app and how to build its image");
  git("clone", "-q", "--bare", files, repository);
  // As the large hosts do: any commit can be fetched by its name.
  appendFileSync(`${repository}/config`, "[uploadpack]\n\tallowAnySHA1InWant = true\n");
}

/** Answers a request for a repository below `root`. */
export function serveRepositories(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const backend = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
  });
  backend.on("error", (error) => response.writeHead(500).end(`${error.message}\n`));
  request.pipe(backend.stdin);
  // A client that goes away closes the pipe under the backend; that is no fault of the server.
  backend.stdin.on("error", () => backend.kill());
  response.on("close", () => backend.kill());

  let head = Buffer.alloc(0);
  const readHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    backend.stdout.off("data", readHead);
    let status = 200;
    for (const line of head.subarray(0, end).toString().split("\r\n")) {
      const [name = "", value = ""] = line.split(/:\s*/u, 2);
      if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
    backend.stdout.pipe(response);
  };
  backend.stdout.on("data", readHead);
}
