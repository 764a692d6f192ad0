/**
 * What a field is for, for those who write one in an editor: by noun, or for every noun that has the field. Nouns are named without
 * their version.
 */
const everywhere: Readonly<Record<string, string>> = {
  apiVersion: "The API's group and version.",
  kind: "What the document describes.",
  metadata: "Name, labels and annotations.",
  labels: "Labels, by their keys.",
  annotations: "Annotations, by their keys.",
  displayName: "A name for people to read.",
  description: "What it is for, for people to read.",
  image: "The container image. Name a tag or a digest, so that the same thing runs tomorrow.",
  command: "The program and its first arguments, in place of the image's entrypoint. Excludes script.",
  args: "Arguments of the command or of the image's entrypoint. An array param may be an item: $(params.NAME[*]).",
  workingDir: "The directory the program starts in.",
  envFrom: "Environment variables from all keys of ConfigMaps or Secrets.",
  env: "Environment variables.",
  computeResources: "Requests and limits of CPU and memory.",
  resources: "Requests and limits of CPU and memory. In v1 the field is computeResources.",
  volumeMounts: "Where volumes are mounted.",
  volumeDevices: "Block devices of volumes.",
  imagePullPolicy: "When the image is pulled: Always, IfNotPresent or Never.",
  securityContext: "User, capabilities and other privileges.",
  livenessProbe: "Tells whether the container still works.",
  readinessProbe: "Tells whether the container is ready; steps wait for sidecars that have one.",
  startupProbe: "Tells whether the container has started.",
  stdin: "Whether the container has standard input.",
  stdinOnce: "Whether standard input is closed after the first client.",
  tty: "Whether the container has a terminal.",
  terminationMessagePath: "The file of the termination message.",
  terminationMessagePolicy: "Where the termination message is read from.",
  ports: "Ports the container listens on.",
  lifecycle: "Hooks after the start and before the end.",
  script:
    "A script, run by the interpreter of its #! line, or by sh. $(params.NAME) is replaced as text. Excludes command.",
  resolver: "What fetches the definition: git, bundles, hub, cluster, http, or a resolver of the cluster's own.",
  bundle: "An OCI bundle. In v1 a reference names the resolver bundles.",
  properties: "The keys of an object, with their types.",
  podTemplate: "Settings of the Pods: node selector, tolerations, security context, volumes and others.",
  serviceAccountName: "The ServiceAccount that the Pods run as; its Secrets are the steps' credentials.",
  taskRef: "A Task by its name, or by a resolver.",
  taskSpec: "A Task written here.",
  pipelineRef: "A Pipeline by its name, or by a resolver.",
  pipelineSpec: "A Pipeline written here.",
  timeout: "How long it may take, such as 1h30m; 0 is no limit.",
  when: "Conditions that all have to hold; otherwise it is skipped.",
  managedBy: "The controller that looks after the run; tekton.dev/pipeline if absent.",
  stepSpecs: "Compute resources of single steps.",
  sidecarSpecs: "Compute resources of single sidecars.",
  stepOverrides: "Compute resources of single steps. In v1 the field is stepSpecs.",
  sidecarOverrides: "Compute resources of single sidecars. In v1 the field is sidecarSpecs.",
  optional: "Whether it may be left out.",
};

const byNoun: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Param: { name: "A param that the definition declares.", value: "Text, a list of texts, or a map of texts." },
  ParamSpec: {
    name: "The param's name: $(params.NAME).",
    type: "string, array or object; string if absent, or what the default is.",
    description: "What the param is for.",
    default: "The value if none is given. Without a default a value has to be given.",
    enum: "The values that are allowed (needs the feature flag enable-param-enum).",
  },
  WhenExpression: {
    input: "The text that is looked for in values; may have variables.",
    operator: "in or notin.",
    values: "The texts that input is compared with; may have variables.",
    cel: "A condition in CEL, in place of the others (needs the feature flag enable-cel-in-whenexpression).",
  },
  WorkspaceDeclaration: {
    name: "The workspace's name: $(workspaces.NAME.path).",
    mountPath: "Where it is mounted; /workspace/NAME if absent.",
    readOnly: "Whether the steps may only read it.",
  },
  WorkspaceUsage: { name: "A workspace of the Task.", mountPath: "Where only this container has it." },
  StepResult: {
    name: "The result's name; the step writes it to $(step.results.NAME.path).",
    type: "string, array or object; string if absent. Arrays and objects are written as JSON.",
  },
  TaskResult: {
    name: "The result's name; a step writes it to $(results.NAME.path).",
    type: "string, array or object; string if absent. Arrays and objects are written as JSON.",
    value: "A step's result that becomes this one: $(steps.STEP.results.NAME).",
  },
  StepRef: { name: "The StepAction's name.", params: "Params of the resolver." },
  PipelineWorkspaceDeclaration: { name: "The workspace's name, which tasks bind theirs to." },
  PipelineResult: {
    name: "The result's name.",
    type: "string, array or object.",
    value: "Text with variables such as $(tasks.TASK.results.NAME).",
  },
  Matrix: {
    params: "Params with a list each: the task runs once for every combination.",
    include: "Combinations to add, or params to add to those there are.",
    name: "The combination's name.",
  },
  WorkspacePipelineTaskBinding: {
    name: "A workspace of the Task.",
    workspace: "The Pipeline's workspace; the same name if absent.",
    subPath: "A directory within it.",
  },
  WorkspaceBinding: {
    name: "A workspace that the Task or Pipeline declares.",
    subPath: "A directory within the volume.",
    emptyDir: "An empty directory that lasts as long as a TaskRun.",
    persistentVolumeClaim: "A PersistentVolumeClaim that exists.",
    volumeClaimTemplate: "A PersistentVolumeClaim made for the run.",
    configMap: "The keys of a ConfigMap as files.",
    secret: "The keys of a Secret as files.",
    projected: "Several sources in one directory.",
    csi: "A volume of a CSI driver.",
  },
  Step: {
    name: "The step's name; its container is step-NAME.",
    workspaces: "Workspaces that only the steps naming them have.",
    onError: "continue: the step's exit code does not fail the Task. stopAndFail if absent.",
    stdoutConfig: "A file that standard output is copied to.",
    stderrConfig: "A file that standard error is copied to.",
    path: "The file.",
    ref: "A StepAction, in place of image, script and the like.",
    params: "Params of the StepAction.",
    results: "What the step writes for later steps to read.",
  },
  StepTemplate: { name: "Without effect." },
  Sidecar: {
    name: "The sidecar's name; its container is sidecar-NAME.",
    workspaces: "Workspaces that only the containers naming them have.",
    restartPolicy: "Always makes it an init container that goes on running.",
  },
  TaskSpec: {
    params: "What a run may set.",
    steps: "Containers, run one after the other.",
    stepTemplate: "What the steps have in common; what a step says itself wins.",
    sidecars: "Containers that run beside the steps.",
    volumes: "Volumes that the steps may mount.",
    workspaces: "Directories that a run provides.",
    results: "Small texts (4096 bytes together) that the steps write and other tasks read.",
    resources: "PipelineResources, which were removed in Tekton 0.46.",
  },
  EmbeddedTask: {
    spec: "The spec of a custom task, which its controller reads.",
    metadata: "Labels and annotations of the TaskRun.",
  },
  TaskRef: {
    name: "The Task's name.",
    kind: "Task, or the kind of a custom task.",
    apiVersion: "Of a custom task.",
    params: "Params of the resolver.",
  },
  Task: { spec: "What the Task asks for and does." },
  PipelineRef: {
    name: "The Pipeline's name.",
    params: "Params of the resolver.",
    apiVersion: "tekton.dev/v1.",
    kind: "Pipeline.",
  },
  PipelineTask: {
    name: "The task's name within the Pipeline.",
    retries: "How often it is tried again after it failed.",
    runAfter: "Tasks that have to be done before this one begins.",
    params: "Params of the Task; $(tasks.TASK.results.NAME) makes it wait for that task.",
    matrix: "Runs the task once for every combination of values.",
    workspaces: "Which of the Pipeline's workspaces the Task's are.",
    onError: "continue: the Pipeline goes on if the task fails. stopAndFail if absent.",
    resources: "PipelineResources, which were removed in Tekton 0.46.",
  },
  PipelineSpec: {
    params: "What a run may set.",
    workspaces: "Directories that a run provides.",
    tasks: "What is done; in parallel where nothing says otherwise.",
    finally: "Tasks that run in the end, whatever became of the others.",
    results: "Texts taken from the results of tasks.",
    resources: "PipelineResources, which were removed in Tekton 0.46.",
  },
  Pipeline: { spec: "What the Pipeline asks for and does." },
  StepOrSidecarSpec: { name: "The step's or sidecar's name." },
  TaskRunSpec: {
    params: "Values for the Task's params.",
    status: "TaskRunCancelled stops the run; TaskRunPending keeps it from starting.",
    statusMessage: "Why it was stopped.",
    retries: "How often it is tried again after it failed.",
    workspaces: "What the Task's workspaces are.",
    computeResources: "Requests and limits of all steps together.",
    debug: "Where to stop for a look into the containers.",
    breakpoints: "At which points to stop.",
    onFailure: "enabled: stop where a step fails.",
    beforeSteps: "Stop before these steps.",
    resources: "PipelineResources, which were removed in Tekton 0.46.",
  },
  PipelineRunSpec: {
    params: "Values for the Pipeline's params.",
    status: "Stops the run, or keeps it from starting.",
    timeouts: "Of the whole run, of its tasks, and of finally.",
    workspaces: "What the Pipeline's workspaces are.",
    taskRunSpecs: "Settings of single tasks' Pods.",
    taskRunTemplate: "Settings of all tasks' Pods.",
    pipeline: "How long the whole run may take, such as 1h30m; 0 is no limit.",
    tasks: "How long all but finally may take.",
    finally: "How long finally may take.",
    timeout: "Of the whole run. In v1 the field is timeouts.pipeline.",
    resources: "PipelineResources, which were removed in Tekton 0.46.",
  },
  PipelineTaskRunSpec: {
    pipelineTaskName: "The task of the Pipeline.",
    taskServiceAccountName: "The ServiceAccount of its Pod. In v1 the field is serviceAccountName.",
    taskPodTemplate: "Settings of its Pod. In v1 the field is podTemplate.",
    metadata: "Labels and annotations of its TaskRun.",
    computeResources: "Requests and limits of all its steps together.",
  },
  TaskRun: { spec: "Which Task is run, and with what.", status: "What became of it; written by Tekton." },
  PipelineRun: { spec: "Which Pipeline is run, and with what.", status: "What became of it; written by Tekton." },
  StepAction: {
    spec: "A step that Tasks refer to.",
    params: "What a step may set.",
    results: "What the step writes for later steps to read: $(step.results.NAME.path).",
  },
  CustomRun: { spec: "What a custom task's controller is to do.", status: "What became of it." },
  ObjectMeta: {
    name: "The object's name.",
    generateName: "The beginning of a name that is completed when the object is created.",
    namespace: "The namespace it lives in.",
  },
  EnvVar: {
    name: "The variable's name.",
    value: "Its value; $(NAME) is replaced by variables before it.",
    valueFrom: "A key of a ConfigMap or Secret, or a field of the Pod.",
  },
  VolumeMount: {
    name: "The volume's name.",
    mountPath: "Where it is mounted.",
    subPath: "A directory or file within the volume.",
    readOnly: "Whether it may only be read.",
  },
  ResourceRequirements: { limits: "The most it may use.", requests: "What it is sure to get." },
  Volume: {
    name: "The volume's name.",
    emptyDir: "An empty directory that lasts as long as the Pod.",
    configMap: "The keys of a ConfigMap as files.",
    secret: "The keys of a Secret as files.",
    persistentVolumeClaim: "A PersistentVolumeClaim that exists.",
    projected: "Several sources in one directory.",
    hostPath: "A path of the node.",
  },
};

/** The description of a field of a noun (`PipelineTask`, `retries`), if there is one. */
export function describeField(noun: string, field: string): string | undefined {
  return (
    byNoun[noun]?.[field] ?? (noun === "EmbeddedTask" ? byNoun["TaskSpec"]?.[field] : undefined) ?? everywhere[field]
  );
}

/** The values that a field may have, where they are few; `open` where other texts, such as variables, may stand too. */
export interface Choices {
  readonly values: readonly string[];
  readonly open: boolean;
}

const closed = (...values: readonly string[]): Choices => ({ values, open: false });
const open = (...values: readonly string[]): Choices => ({ values, open: true });
const types = closed("string", "array", "object");

const choices: Readonly<Record<string, Choices>> = {
  "ParamSpec.type": types,
  "StepResult.type": types,
  "TaskResult.type": types,
  "PipelineResult.type": types,
  "WhenExpression.operator": closed("in", "notin"),
  "Step.onError": open("continue", "stopAndFail"),
  "PipelineTask.onError": open("continue", "stopAndFail"),
  "Step.imagePullPolicy": open("Always", "IfNotPresent", "Never"),
  "StepTemplate.imagePullPolicy": open("Always", "IfNotPresent", "Never"),
  "Sidecar.imagePullPolicy": open("Always", "IfNotPresent", "Never"),
  "Sidecar.restartPolicy": closed("Always"),
  "TaskRunSpec.status": closed("", "TaskRunCancelled", "TaskRunPending"),
  "PipelineRunSpec.status": closed("", "Cancelled", "CancelledRunFinally", "StoppedRunFinally", "PipelineRunPending"),
  "TaskRef.resolver": open("git", "bundles", "hub", "cluster", "http"),
  "PipelineRef.resolver": open("git", "bundles", "hub", "cluster", "http"),
  "StepRef.resolver": open("git", "bundles", "hub", "cluster", "http"),
  "TaskRef.kind": open("Task"),
};

export function choicesOf(noun: string, field: string): Choices | undefined {
  return choices[`${noun}.${field}`];
}
