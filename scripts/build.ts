// Bundles the command line into packages/cli/dist: lapcat.mjs and, for what is imported dynamically, chunks beside it.
// Workspace packages and everything pure JavaScript go in; what the published package declares as `dependencies` stays outside.
import { chmodSync, copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { root } from "./stages.ts";

const cli = join(root, "packages/cli");
const dist = join(cli, "dist");
const manifest: { readonly dependencies?: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(cli, "package.json"), "utf8"),
);
// Everything imported statically is either Node's or inside the file, so this line speaks before anything newer than it can fail.
const tooOld = `{
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 12)) {
    console.error("lapcat: needs Node 22.12 or newer, this is " + process.versions.node);
    process.exit(3);
  }
}`;
const outside = Object.keys(manifest.dependencies ?? {});

rmSync(dist, { recursive: true, force: true });
await build({
  input: { lapcat: join(cli, "src/main.ts") },
  platform: "node",
  external: (id) => outside.some((name) => id === name || id.startsWith(`${name}/`)),
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
