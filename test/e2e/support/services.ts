import { inject } from "vitest";
import { type Services } from "../../../scripts/services.ts";
import { type EngineClient } from "../contract-images.ts";
import { callServices } from "./call-services.ts";

/** A registry and a git server on an engine, the same ones for every file of a test run; the run's end removes them. */
export async function servicesOn(client: EngineClient): Promise<Omit<Services, "close">> {
  return JSON.parse(await callServices(client, "startServices", { prefix: inject("servicesPrefix") })) as Omit<
    Services,
    "close"
  >;
}
