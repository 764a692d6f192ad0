import { object, quantity, text, type Schema } from "./dsl.ts";

/** References that volumes, variables and Pods alike make. */
export const localName: Schema = object({ name: text });
export const fieldRef: Schema = object({ apiVersion: text, "fieldPath!": text });
export const resourceFieldRef: Schema = object({ containerName: text, "resource!": text, divisor: quantity });
