import { type ClusterObjects } from "@lapcat/tekton";
import { bytesOf, textOf } from "./bytes.ts";
import { type Complaints, type Place } from "./complaints.ts";

export type ObjectKind = "secret" | "configMap";

/** The data of one Secret or ConfigMap, as one reference sees it. */
export interface StoredObject {
  keys(): readonly string[];
  bytes(key: string): Uint8Array | undefined;
  /** Undefined too when the value is not UTF-8. */
  text(key: string): string | undefined;
  /** The text at a key that has to be there; its absence is a complaint unless the reference is optional. */
  require(reference: { readonly key: string; readonly optional?: boolean }): string | undefined;
}

export interface ObjectStore {
  /** Undefined when there is none: a complaint, unless the reference is optional. */
  find(
    kind: ObjectKind,
    name: string,
    reference: { readonly optional: boolean; readonly at: Place },
  ): StoredObject | undefined;
}

export function objectStore(objects: ClusterObjects, complaints: Complaints): ObjectStore {
  const dataOf = (kind: ObjectKind, name: string): ReadonlyMap<string, Uint8Array> | undefined => {
    if (kind === "secret") {
      const secret = objects.secrets.get(name)?.resource;
      return secret === undefined ? undefined : new Map(Object.entries(secret.data));
    }
    const configMap = objects.configMaps.get(name)?.resource;
    if (configMap === undefined) return undefined;
    return new Map([
      ...Object.entries(configMap.data).map(([key, text]) => [key, bytesOf(text)] as const),
      ...Object.entries(configMap.binaryData),
    ]);
  };
  return {
    find: (kind, name, { optional, at }) => {
      const word = kind === "secret" ? "Secret" : "ConfigMap";
      const data = dataOf(kind, name);
      if (data === undefined) {
        if (!optional)
          complaints.error(
            kind === "secret" ? "secret.missing" : "configmap.missing",
            `${word} ${JSON.stringify(name)} is not among the documents`,
            at,
            `give the document that has it with -f${kind === "secret" ? ", or the value with --secret" : ""}`,
          );
        return undefined;
      }
      const text = (key: string): string | undefined => {
        const bytes = data.get(key);
        return bytes === undefined ? undefined : textOf(bytes);
      };
      return {
        keys: () => [...data.keys()].sort(),
        bytes: (key) => data.get(key),
        text,
        require: (reference) => {
          const value = text(reference.key);
          if (value === undefined && !(reference.optional === true && !data.has(reference.key))) {
            const problem = data.has(reference.key) ? "is not a text" : "does not exist";
            complaints.error(
              "key.missing",
              `key ${JSON.stringify(reference.key)} of ${word} ${JSON.stringify(name)} ${problem}`,
              at,
            );
          }
          return value;
        },
      };
    },
  };
}
