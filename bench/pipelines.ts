// The documents that are measured.

const echo = (index: number): string => `echo ${index}`;

export function tenSteps(sidecars: readonly object[] = []): string {
  const steps = Array.from({ length: 10 }, (_, index) => ({
    name: `s${index}`,
    image: "busybox",
    script: echo(index),
  }));
  return JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "TaskRun",
    metadata: { generateName: "ten-steps-" },
    spec: { taskSpec: { steps, sidecars } },
  });
}

/** A server that is ready at once and handles SIGTERM as little as most do. */
export function server(): object {
  return {
    name: "server",
    image: "busybox",
    script: "exec httpd -f -p 8080",
    readinessProbe: { tcpSocket: { port: 8080 } },
  };
}

export function tenTasks(order: "sequential" | "parallel"): string {
  const tasks = Array.from({ length: 10 }, (_, index) => ({
    name: `t${index}`,
    ...(order === "sequential" && index > 0 ? { runAfter: [`t${index - 1}`] } : {}),
    ...(order === "sequential" ? { workspaces: [{ name: "w", workspace: "w" }] } : {}),
    taskSpec: {
      ...(order === "sequential" ? { workspaces: [{ name: "w" }] } : {}),
      steps: [
        {
          name: "s",
          image: "busybox",
          script: order === "sequential" ? `echo ${index} >> $(workspaces.w.path)/log` : echo(index),
        },
      ],
    },
  }));
  const spec = { resources: { requests: { storage: "1Gi" } }, accessModes: ["ReadWriteOnce"] };
  return JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { generateName: `ten-${order}-` },
    spec: {
      pipelineSpec: { tasks, ...(order === "sequential" ? { workspaces: [{ name: "w" }] } : {}) },
      ...(order === "sequential" ? { workspaces: [{ name: "w", volumeClaimTemplate: { spec } }] } : {}),
    },
  });
}

/** One step that prints this many bytes in lines of 60, and has so many secrets to be masked in them. */
export function printing(bytes: number, secrets = 0): string {
  const data = Object.fromEntries(
    Array.from({ length: secrets }, (_, index) => [`k${index}`, `a-secret-of-some-length-${index}`]),
  );
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "many" }, stringData: data };
  const volumes = [{ name: "many", secret: { secretName: "many" } }];
  const mounted = { volumeMounts: [{ name: "many", mountPath: "/many" }] };
  const script = `yes ${"x".repeat(59)} | head -c ${bytes}`;
  const steps = [{ name: "print", image: "busybox", script, ...(secrets === 0 ? {} : mounted) }];
  const run = {
    apiVersion: "tekton.dev/v1",
    kind: "TaskRun",
    metadata: { generateName: "printing-" },
    spec: { taskSpec: { steps, ...(secrets === 0 ? {} : { volumes }) } },
  };
  return [run, ...(secrets === 0 ? [] : [secret])].map((each) => JSON.stringify(each)).join("\n---\n");
}
