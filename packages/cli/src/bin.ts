import { enableCompileCache } from "node:module";

// Before anything else is loaded: what the last start compiled need not be compiled again. Where there is no place to keep it, nothing is kept.
enableCompileCache();
await import("./main.ts");
