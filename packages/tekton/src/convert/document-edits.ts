import { type Diagnostic, type Severity } from "@lapcat/diagnostic";
import { formatPath, type Edit, type Json, type JsonObject, type ManifestDocument, type Path } from "@lapcat/manifest";
import { isObject } from "../is-object.ts";
import { readingOf } from "../read/kinds.ts";
import { betaShapes, type Shape } from "../read/shape.ts";

export interface DocumentEdits {
  readonly edits: readonly Edit[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What has to change in a document for it to be v1, by the table of v1beta1's shapes; nothing for one that is. */
export function documentEdits(document: ManifestDocument): DocumentEdits {
  const edits: Edit[] = [];
  const diagnostics: Diagnostic[] = [];
  const say = (severity: Severity, code: Diagnostic["code"], path: Path, message: string, hint?: string): void => {
    const place = { span: document.keySpanOf(path), path: formatPath(path) };
    diagnostics.push({ severity, code, message, ...place, ...(hint !== undefined && { hint }) });
  };

  const resource = (value: Json, base: Path): void => {
    if (!isObject(value)) return;
    const { apiVersion, kind } = value;
    if (typeof apiVersion !== "string" || typeof kind !== "string") return;
    const reading = readingOf(apiVersion, kind);
    if (reading.how === "list" && Array.isArray(value["items"])) {
      value["items"].forEach((item: Json, index) => resource(item, [...base, "items", index]));
    }
    if (reading.how !== "tekton" || !reading.beta) return;
    const served = reading.kind === "StepAction" ? "tekton.dev/v1beta1" : "tekton.dev/v1";
    if (apiVersion !== served) edits.push({ how: "replace", path: [...base, "apiVersion"], text: served });
    if (kind !== reading.kind) {
      edits.push({ how: "replace", path: [...base, "kind"], text: reading.kind });
      say(
        "warning",
        "document.kind",
        [...base, "kind"],
        `${kind} was removed in Tekton 1.0; a Task belongs to one namespace`,
      );
    }
    noun(value, betaShapes[reading.kind] ?? {}, base);
  };

  const noun = (value: JsonObject, shape: Shape, base: Path): void => {
    if (shape.refused?.["bundle"] !== undefined && "bundle" in value) bundle(value, base);
    for (const [key, item] of Object.entries(value)) {
      const path = [...base, key];
      const target = ownOf(shape.moved, key);
      if (key === "kind" && item === "ClusterTask" && "bundle" in (shape.refused ?? {})) {
        edits.push({ how: "replace", path, text: "Task" });
        say(
          "warning",
          "document.kind",
          path,
          "a reference to a ClusterTask is now one to a Task of the run's own namespace",
          "a Task of another namespace is named by the cluster resolver",
        );
      }
      const refused = ownOf(shape.refused, key);
      if (refused !== undefined && key !== "bundle") refuse(path, item, refused);
      else if (shape.dropped?.includes(key) === true) {
        edits.push({ how: "remove", path });
        say("warning", "field.no-effect", path, `${formatPath(path)} was left out: it has no effect since Tekton v1`);
      } else if (target !== undefined) {
        const [first = key, second] = target;
        const there = value[first];
        const isTaken =
          second === undefined ? there !== undefined : isObject(there ?? null) && second in (there as JsonObject);
        if (isTaken)
          say(
            "error",
            "field.conflict",
            path,
            `${formatPath(path)} and ${target.join(".")} say the same thing: only one may be there`,
          );
        else if (second === undefined) edits.push({ how: "rename", path, key: first });
        else edits.push({ how: "nest", path, under: first, key: second });
      }
      const part = ownOf(shape.parts, key);
      if (part === undefined) continue;
      for (const [at, each] of Array.isArray(item) ? item.entries() : [[undefined, item] as const])
        if (isObject(each as Json)) noun(each as JsonObject, part, at === undefined ? path : [...path, at]);
    }
  };

  const refuse = (path: Path, item: Json, hint: string): void => {
    if (item === null || item === "" || (Array.isArray(item) && item.length === 0)) edits.push({ how: "remove", path });
    else say("error", "field.unsupported", path, `${formatPath(path)} cannot be converted`, hint);
  };

  /** convertBundleToResolver: name, bundle and kind become a resolver and its params. */
  const bundle = (value: JsonObject, base: Path): void => {
    const path = [...base, "bundle"];
    const written = (key: string): string => {
      const { file, start, end } = document.spanOf([...base, key]);
      return file.text.slice(start, end);
    };
    const kind = base.at(-1) === "pipelineRef" ? "Pipeline" : "Task";
    const params = [
      ["bundle", written("bundle")],
      ...("name" in value ? [["name", written("name")]] : []),
      ["kind", kind],
    ] as const;
    edits.push({
      how: "rewrite",
      path,
      lines: [
        "resolver: bundles",
        "params:",
        ...params.flatMap(([name, text]) => [`  - name: ${String(name)}`, `    value: ${String(text)}`]),
      ],
      flow: `resolver: bundles, params: [${params.map(([name, text]) => `{name: ${String(name)}, value: ${String(text)}}`).join(", ")}]`,
    });
    for (const key of ["name", "kind"]) if (key in value) edits.push({ how: "remove", path: [...base, key] });
  };

  resource(document.value, []);
  return { edits, diagnostics };
}

/** Documents may have keys such as `constructor`, which every object seems to have. */
function ownOf<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
