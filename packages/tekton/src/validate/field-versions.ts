import { type Path } from "@lapcat/manifest";
import { type TektonResource } from "../resource.ts";
import { readVersion, isBefore, versionText } from "../versions.ts";
import { inside, report, type Scope, unnamed } from "./scope.ts";

/** A noun, or a part that several nouns have. */
type Part =
  | "task"
  | "step"
  | "result"
  | "pipeline"
  | "pipelineTask"
  | "matrix"
  | "condition"
  | "reference"
  | "param"
  | "workspace"
  | "binding"
  | "pipelineRun"
  | "taskRunSpec"
  | "taskRun";

interface Fields {
  /** The release that brought each: upstream's types, tag by tag. */
  readonly since: Readonly<Record<string, string>>;
  /** Where other parts stand; a list is looked through. */
  readonly parts: Readonly<Record<string, Part>>;
}

const fields: Readonly<Record<Part, Fields>> = {
  task: {
    since: { displayName: "v0.47" },
    parts: { params: "param", workspaces: "workspace", steps: "step", sidecars: "step", results: "result" },
  },
  step: {
    since: {
      timeout: "v0.18",
      workspaces: "v0.24",
      onError: "v0.27",
      stdoutConfig: "v0.38",
      stderrConfig: "v0.38",
      ref: "v0.54",
      params: "v0.54",
      results: "v0.54",
      when: "v0.62",
      displayName: "v1.6",
    },
    parts: {},
  },
  result: { since: { type: "v0.36", properties: "v0.36", value: "v0.54" }, parts: {} },
  pipeline: {
    since: { displayName: "v0.47" },
    parts: { params: "param", workspaces: "workspace", tasks: "pipelineTask", finally: "pipelineTask" },
  },
  pipelineTask: {
    since: {
      when: "v0.16",
      matrix: "v0.34",
      displayName: "v0.47",
      pipelineRef: "v0.52",
      pipelineSpec: "v0.52",
      onError: "v0.53",
    },
    parts: {
      taskSpec: "task",
      pipelineSpec: "pipeline",
      matrix: "matrix",
      when: "condition",
      taskRef: "reference",
    },
  },
  matrix: { since: { include: "v0.46" }, parts: {} },
  condition: { since: { cel: "v0.53" }, parts: {} },
  reference: { since: { resolver: "v0.33" }, parts: {} },
  workspace: { since: { optional: "v0.17" }, parts: {} },
  param: { since: { properties: "v0.36", enum: "v0.54" }, parts: {} },
  binding: { since: { projected: "v0.38", csi: "v0.38" }, parts: {} },
  pipelineRun: {
    since: { timeouts: "v0.25", managedBy: "v1.5" },
    parts: {
      pipelineRef: "reference",
      pipelineSpec: "pipeline",
      workspaces: "binding",
      taskRunSpecs: "taskRunSpec",
    },
  },
  taskRunSpec: {
    since: {
      stepSpecs: "v0.33",
      sidecarSpecs: "v0.33",
      metadata: "v0.36",
      computeResources: "v0.38",
      timeout: "v1.4",
    },
    parts: {},
  },
  taskRun: {
    since: {
      debug: "v0.26",
      stepSpecs: "v0.33",
      sidecarSpecs: "v0.33",
      computeResources: "v0.38",
      retries: "v0.43",
      managedBy: "v1.5",
    },
    parts: { taskRef: "reference", taskSpec: "task", workspaces: "binding" },
  },
};

const nouns: Readonly<Record<string, Part>> = {
  Task: "task",
  Pipeline: "pipeline",
  PipelineRun: "pipelineRun",
  TaskRun: "taskRun",
};

/** Fields that the version has not, which its API server would leave out or refuse, and `tekton.dev/v1` before it was served. */
export function checkFieldVersions(scope: Scope, { kind, ...resource }: TektonResource): void {
  const { tekton } = scope.gates;
  const part = nouns[kind];
  if (tekton === undefined || part === undefined) return;
  const tell = (at: Scope, what: string, since: string): void => {
    const version = readVersion(since);
    if (typeof version === "string" || !isBefore(tekton, version)) return;
    const message = `${what} came with Tekton ${since}, and this is checked as ${versionText(tekton)}`;
    report(unnamed(at), "field.newer", message, { severity: "warning", atKey: true });
  };
  if (scope.version === "v1") tell(inside(scope, "apiVersion"), "tekton.dev/v1", "v0.43");
  const look = (value: unknown, of: Part, path: Path): void => {
    if (Array.isArray(value)) {
      value.forEach((each, index) => look(each, of, [...path, index]));
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const [name, each] of Object.entries(value)) {
      const since = fields[of].since[name];
      const at = inside(scope, ...path, name);
      const written = String((scope.origin.written?.(at.path) ?? at.path).at(-1));
      if (since !== undefined && isWritten(at, written)) tell(at, written, since);
      const inner = fields[of].parts[name];
      if (inner !== undefined) look(each, inner, [...path, name]);
    }
  };
  if ("spec" in resource) look(resource.spec, part, ["spec"]);
}

/** Not what a default or v1 made of the document. */
function isWritten({ origin, path }: Scope, name: string): boolean {
  const { file, start, end } = origin.keySpanOf(path);
  return file.text.slice(start, end).replace(/^(["'])(.*)\1$/u, "$2") === name;
}
