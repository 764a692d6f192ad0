// Bundles the command line into packages/cli/dist: lapcat.mjs and, for what is imported dynamically, chunks beside it.
// Everything goes in, so the published package installs nothing beside itself; the licences of what is in it lie beside it.
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "rolldown";
import { standaloneCheckers } from "../packages/tekton/src/schema/standalone-checkers.ts";
import { root } from "./stages.ts";

const cli = join(root, "packages/cli");
const dist = join(cli, "dist");
// Everything imported statically is either Node's or inside the file, so this line speaks before anything newer than it can fail.
const tooOld = `{
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 12)) {
    console.error("lapcat: needs Node 22.12 or newer, this is " + process.versions.node);
    process.exit(3);
  }
}`;
/**
 * What dockerode loads at start for features that lapcat does not use: BuildKit sessions, and ssh:// engines, which it refuses itself.
 * They are native, or more code than all the rest; a call of one would fail by its name.
 */
const leftOut = ["@grpc/grpc-js", "@grpc/proto-loader", "protobufjs", "ssh2"];
const leftOutModule = (
  name: string,
): string => `const fail = () => { throw new Error(${JSON.stringify(`${name} is not in lapcat's bundle`)}); };
const refused = new Proxy(fail, { get: (_, key) => (typeof key === "symbol" || key === "__esModule" ? undefined : refused), construct: fail });
module.exports = refused;
`;
const prefix = "\0left-out:";
const withoutUnused: Plugin = {
  name: "left-out",
  resolveId: (id) => (leftOut.includes(id) ? `${prefix}${id}` : undefined),
  load: (id) => (id.startsWith(prefix) ? leftOutModule(id.slice(prefix.length)) : undefined),
};

const compiler = join(root, "packages/tekton/src/schema/compile-checker.ts");
const compiledSchemas: Plugin = {
  name: "compiled-schemas",
  load: (id) => (id === compiler ? { code: standaloneCheckers(), moduleType: "js" } : undefined),
};

rmSync(dist, { recursive: true, force: true });
const { output } = await build({
  input: { lapcat: join(cli, "src/bin.ts") },
  platform: "node",
  plugins: [withoutUnused, compiledSchemas],
  output: {
    dir: dist,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    banner: (chunk) => (chunk.isEntry ? `#!/usr/bin/env node\n${tooOld}` : ""),
    minify: "dce-only",
  },
  transform: { target: "node22.12" },
  tsconfig: false,
});
chmodSync(join(dist, "lapcat.mjs"), 0o755);
copyFileSync(join(root, "LICENSE"), join(cli, "LICENSE"));
writeFileSync(
  join(dist, "third-party-licenses.txt"),
  licensesOf(output.flatMap((each) => ("moduleIds" in each ? each.moduleIds : []))),
);

/** The licences of every package that a bundled module came from; a package without one stops the build. */
function licensesOf(modules: readonly string[]): string {
  const directories = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/u.exec(id) ?? []));
  const texts = [...directories].sort().map((directory) => {
    const { name, version, license }: { name: string; version: string; license?: string } = JSON.parse(
      readFileSync(join(directory, "package.json"), "utf8"),
    );
    const file = readdirSync(directory).find((each) => /^licen[cs]e/iu.test(each));
    if (license === undefined && file === undefined) throw new Error(`${name} names no licence`);
    const text = file === undefined ? "" : `\n${readFileSync(join(directory, file), "utf8").trim()}\n`;
    return `${name} ${version} (${license ?? "see below"})\n${text}`;
  });
  if (texts.length === 0) throw new Error("no third-party package was found in the bundle");
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
