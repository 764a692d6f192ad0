export * from "./event.ts";
export * from "./intent.ts";
