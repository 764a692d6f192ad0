/**
 * Whose problem a code tells of, which is also the exit code it leads to:
 * `input` 2 (documents, arguments), `environment` 3 (engine, images, files).
 */
export type Concern = "input" | "environment";

export interface CodeEntry {
  readonly concern: Concern;
  /** What the code means, in a sentence that stands in the documentation. */
  readonly sentence: string;
}

/** Each has a folder in `fixtures/refused` or a conversation that shows it; `test/refused-commands.test.ts` sees to that. */
const entries = {
  usage: { concern: "input", sentence: "The command line could not be understood." },
  "file.unreadable": { concern: "input", sentence: "A file or directory given on the command line could not be read." },
  "file.too-large": { concern: "input", sentence: "A document is larger than lapcat reads (8 MiB)." },
  "file.encoding": { concern: "input", sentence: "A document is not valid UTF-8 or contains NUL characters." },
  "yaml.syntax": { concern: "input", sentence: "The text is not valid YAML." },
  "yaml.alias": { concern: "input", sentence: "Aliases expand to more than a document may hold." },
  "yaml.key": {
    concern: "input",
    sentence: "A key without quotes is a boolean or a number to YAML, and becomes another text; or a key occurs twice.",
  },
  "document.kind": {
    concern: "input",
    sentence: "The document's apiVersion and kind are not ones that Tekton serves.",
  },
  "document.removed": {
    concern: "input",
    sentence: "Tekton no longer serves this kind: a cluster refuses it, and lapcat still runs it.",
  },
  "document.duplicate": { concern: "input", sentence: "Two documents describe the same object." },
  "document.ignored": {
    concern: "input",
    sentence: "A document of a kind that has no meaning outside a cluster was passed over.",
  },
  "document.conversion": { concern: "input", sentence: "A document could not be converted to tekton.dev/v1." },
  "document.deprecated": {
    concern: "input",
    sentence: "A document, or the one it refers to, says that it is deprecated.",
  },
  "document.none": { concern: "input", sentence: "There is nothing to run in the documents given." },
  "field.unknown": { concern: "input", sentence: "The field does not exist in this kind." },
  "field.missing": { concern: "input", sentence: "A required field is absent." },
  "field.type": { concern: "input", sentence: "The value has the wrong type." },
  "field.value": { concern: "input", sentence: "The value is not one that the field allows." },
  "field.duplicate": { concern: "input", sentence: "A name that has to be unique is used twice." },
  "field.conflict": { concern: "input", sentence: "Two fields exclude each other." },
  "field.unsupported": { concern: "input", sentence: "The field is Tekton's, but lapcat does not execute it yet." },
  "feature.disabled": { concern: "input", sentence: "The field belongs to a feature that is not enabled." },
  "field.newer": { concern: "input", sentence: "A field came with a later Tekton than `--tekton-version` says." },
  "field.deprecated": { concern: "input", sentence: "The field is kept for old documents only." },
  "field.no-effect": {
    concern: "input",
    sentence: "The field has no meaning here, or none outside a cluster, and was not used.",
  },
  "task.missing": { concern: "input", sentence: "A referenced Task is neither among the documents nor in a catalog." },
  "pipeline.missing": { concern: "input", sentence: "A referenced Pipeline is not among the documents." },
  "pipeline.cycle": {
    concern: "input",
    sentence: "Tasks wait for one another, or Pipelines run in one another, in a circle.",
  },
  "pipeline.task-unknown": { concern: "input", sentence: "A PipelineTask names another one that does not exist." },
  "stepaction.missing": { concern: "input", sentence: "A referenced StepAction is not among the documents." },
  "param.missing": { concern: "input", sentence: "A param without a default was given no value." },
  "param.unknown": { concern: "input", sentence: "A param was given that nothing declares." },
  "param.type": { concern: "input", sentence: "A param's value has another type than its declaration." },
  "reference.unknown": { concern: "input", sentence: "A $(...) reference names something that is not declared." },
  "reference.misspelt": {
    concern: "input",
    sentence: "A $(...) looks like one of Tekton's variables and is none: it stays in the text.",
  },
  "shell.dollars": { concern: "input", sentence: "Kubernetes changes a text before the shell sees it." },
  "result.unknown": { concern: "input", sentence: "A result is referenced that the Task does not declare." },
  "result.missing": {
    concern: "input",
    sentence: "A result of a task that is left out is needed, and was not given.",
  },
  "result.large": { concern: "input", sentence: "A Task's results cannot fit into what a cluster takes of one." },
  "workspace.missing": { concern: "input", sentence: "A workspace that is needed was not bound." },
  "workspace.unknown": { concern: "input", sentence: "A workspace is bound that nothing declares." },
  "workspace.unshared": {
    concern: "input",
    sentence: "Several tasks use a workspace given as emptyDir, of which each has its own.",
  },
  "workspace.binding": { concern: "input", sentence: "A workspace binding needs exactly one source." },
  "workspace.claims": {
    concern: "input",
    sentence: "A TaskRun mounts two PersistentVolumeClaims, which a cluster may refuse.",
  },
  "path.escape": { concern: "input", sentence: "A path leads out of the volume it belongs to." },
  "volume.forbidden": {
    concern: "input",
    sentence: "A volume is a path of this machine, and --allow-host-path does not name it.",
  },
  "secret.missing": { concern: "input", sentence: "A referenced Secret is not among the documents." },
  "configmap.missing": { concern: "input", sentence: "A referenced ConfigMap is not among the documents." },
  "key.missing": { concern: "input", sentence: "A referenced key is not in the Secret or ConfigMap." },
  "serviceaccount.missing": { concern: "input", sentence: "The run's ServiceAccount is not among the documents." },
  "secret.malformed": { concern: "input", sentence: "A Secret's data is not what its type requires." },
  "image.name": { concern: "input", sentence: "The image reference is not valid." },
  "image.untagged": { concern: "input", sentence: "An image has neither a tag nor a digest." },
  "catalog.chosen": { concern: "input", sentence: "A Task was taken from a catalog; the version is told." },
  "catalog.version": { concern: "input", sentence: "The pinned version is not in the catalog." },
  "resolver.param": { concern: "input", sentence: "A reference asks its resolver for what that cannot give." },
  "resolver.missing": {
    concern: "input",
    sentence: "The place that a resolver asked does not have the definition, or has something else there.",
  },
  "resolver.unasked": {
    concern: "input",
    sentence: "A definition that a resolver would fetch was not looked at: this command asks nobody.",
  },
  "resolver.unreachable": { concern: "environment", sentence: "The place that a resolver asked does not answer." },
  "resolver.unauthorized": {
    concern: "environment",
    sentence: "The place that a resolver asked refused the credentials, or wants some.",
  },
  "engine.none": { concern: "environment", sentence: "No container engine answers." },
  "engine.lost": { concern: "environment", sentence: "The container engine stopped answering." },
  "engine.refused": { concern: "environment", sentence: "The container engine refused a request." },
  "engine.privileged": {
    concern: "environment",
    sentence: "The engine cannot grant privileged; the nearest it can was used.",
  },
  "sidecar.failed": {
    concern: "environment",
    sentence: "A probe or hook of a sidecar failed, or the sidecar did not get ready in time.",
  },
  "volume.missing": {
    concern: "environment",
    sentence: "A volume that a run goes on with is not in the engine any more.",
  },
  "image.unavailable": { concern: "environment", sentence: "An image could not be pulled." },
  "image.unauthorized": { concern: "environment", sentence: "The registry refused the credentials for an image." },
  "disk.full": {
    concern: "environment",
    sentence: "There is no space left where a volume or the run's directory lives.",
  },
  "credentials.unreadable": {
    concern: "environment",
    sentence: "Docker's own configuration or a credential helper could not be read.",
  },
  "store.damaged": { concern: "environment", sentence: "A run's directory could not be read or written." },
  "run.unknown": { concern: "input", sentence: "There is no such run." },
} as const;

export type Code = keyof typeof entries;

/** The closed list of codes. */
export const codes: Readonly<Record<Code, CodeEntry>> = entries;
