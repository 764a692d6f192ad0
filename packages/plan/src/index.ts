export * from "./run-plan.ts";
