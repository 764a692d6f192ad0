import { asVolumeName, type ContainerSpec, type FileSpec, type MountSpec, type VolumeSpec } from "@lapcat/engine";
import { internalPaths, stepContainerName, type Step, type TaskRunDebug } from "@lapcat/tekton";
import { type PlannedStep } from "./pod-plan.ts";

/** Where Tekton keeps what is for debugging (pkg/pod/script.go). */
const scripts = { volume: asVolumeName("tekton-internal-debug-scripts"), path: "/tekton/debug/scripts" };
const info = { volume: asVolumeName("tekton-internal-debug-info"), path: "/tekton/debug/info" };

interface Parts {
  readonly volumes: readonly VolumeSpec[];
  readonly containers: readonly ContainerSpec[];
}

/** Before which step to wait, and whether after a failure. */
export function breakpointsOf(step: Step, index: number, debug: TaskRunDebug | undefined): PlannedStep["breakpoints"] {
  const { onFailure, beforeSteps = [] } = debug?.breakpoints ?? {};
  const names = [step.name ?? "", stepContainerName(step.name, index)];
  const points = { before: beforeSteps.some((each) => names.includes(each)), onFailure: onFailure === "enabled" };
  if (!points.before && !points.onFailure) return undefined;
  return { ...points, state: { volume: info.volume, path: stateFile(index) } };
}

const stateFile = (step: number): string => `state-${step}`;

/** The Pod with a shell around the steps that may wait, and the scripts by which a user lets them go on. */
export function withBreakpoints({ volumes, containers }: Parts, steps: readonly PlannedStep[]): Parts {
  if (steps.every(({ breakpoints }) => breakpoints === undefined)) return { volumes, containers };
  const names = [
    ...(steps.some(({ breakpoints }) => breakpoints?.onFailure === true) ? ["continue", "fail-continue"] : []),
    ...(steps.some(({ breakpoints }) => breakpoints?.before === true)
      ? ["beforestep-continue", "beforestep-fail-continue"]
      : []),
  ];
  const files = names.map((name): FileSpec => {
    const text = `#!/bin/sh\nset -e\n${decision(name, steps.length)}`;
    return { path: `debug-${name}`, content: { kind: "text", text }, mode: 0o755, secret: false };
  });
  return {
    volumes: [
      ...volumes,
      { kind: "files", name: scripts.volume, files },
      { kind: "scratch", name: info.volume, medium: "disk", directories: [] },
    ],
    containers: containers.map((container, index) => {
      if (container.role !== "step") return container;
      const breakpoints = steps[index]?.breakpoints;
      const own: readonly MountSpec[] = [
        { ...scripts, readOnly: true },
        { volume: info.volume, path: `${info.path}/${index}`, readOnly: false },
      ];
      const mounts = [...container.mounts, ...own];
      return breakpoints === undefined
        ? { ...container, mounts }
        : { ...container, mounts, runner: runner(breakpoints, index) };
    }),
  };
}

function runner({ before, onFailure }: NonNullable<PlannedStep["breakpoints"]>, step: number): readonly string[] {
  const state = `${info.path}/${step}/${stateFile(step)}`;
  const post = `${internalPaths.run}/${step}/out`;
  return ["/bin/sh", "-c", waiting, "lapcat", state, post, before ? "before" : "", onFailure ? "onFailure" : ""];
}

/**
 * What Tekton's entrypoint does: it waits for a file beside the step's own, and says so. A second later the decision is written whole, and
 * the script that wrote it has come to its own end: it runs in this container, and would be ended with it.
 */
const waiting = `state=$1 post=$2 before=$3 failure=$4
shift 4
await() { trap 'exit 143' TERM; until [ -e "$1" ] || [ -e "$1.err" ]; do sleep 1; done; sleep 1; }
if [ -n "$before" ]; then
  printf before > "$state"
  echo 'debug before step breakpoint has taken effect, waiting for user'"'"'s decision:
1) continue, use cmd: ${scripts.path}/debug-beforestep-continue
2) fail-continue, use cmd: ${scripts.path}/debug-beforestep-fail-continue' >&2
  await "$post.beforestepexit"
  if [ -e "$post.beforestepexit.err" ]; then
    echo 'Skipping execute step script because before step breakpoint fail-continue' >&2
    exit 1
  fi
fi
printf running > "$state"
"$@" &
child=$!
ending=
trap 'ending=yes; kill -TERM "$child" 2> /dev/null' TERM
wait "$child"
code=$?
while kill -0 "$child" 2> /dev/null; do wait "$child"; code=$?; done
if [ "$code" = 0 ] || [ -n "$ending" ] || [ -z "$failure" ]; then exit "$code"; fi
printf failed > "$state"
echo 'debug onFailure breakpoint has taken effect, waiting for user'"'"'s decision:
1) continue, use cmd: ${scripts.path}/debug-continue
2) fail-continue, use cmd: ${scripts.path}/debug-fail-continue' >&2
await "$post.breakpointexit"
code=$(cat "$post.breakpointexit")
echo "Breakpoint exiting with exit code $code" >&2
exit "$code"
`;

/** A user's decision, of the step in whose container it is made: the one whose number stands below /tekton/debug/info. */
function decision(name: string, steps: number): string {
  const files: Readonly<Record<string, readonly string[]>> = {
    continue: ["touch $run/out", "echo 0 > $run/out.breakpointexit"],
    "fail-continue": ["touch $run/out.err", "echo 1 > $run/out.breakpointexit"],
    "beforestep-continue": ["echo 0 > $run/out.beforestepexit"],
    "beforestep-fail-continue": ["echo 1 > $run/out.beforestepexit.err"],
  };
  return `step=$(ls ${info.path} | tail -n 1)
if [ "$step" -ge ${steps} ]; then
  echo "Last step (no. $step) has already been executed, breakpoint exiting !"
  exit 0
fi
run=${internalPaths.run}/$step
${(files[name] ?? []).join("\n")}
echo "Executing step $step..."
`;
}
