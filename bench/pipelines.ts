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

/** One step that prints this many bytes in lines of 60. */
export function printing(bytes: number): string {
  const script = `yes ${"x".repeat(59)} | head -c ${bytes}`;
  return JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "TaskRun",
    metadata: { generateName: "printing-" },
    spec: { taskSpec: { steps: [{ name: "print", image: "busybox", script }] } },
  });
}
