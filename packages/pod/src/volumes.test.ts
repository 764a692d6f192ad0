import { describe, expect, test } from "vitest";
import { type Volume } from "@lapcat/tekton";
import { boundForTest, optionsForTest } from "./bound-for-test.ts";
import { podOf } from "./pod-of.ts";
import { type PodOptions } from "./pod-options.ts";

const image = "i:1";

function made(volume: Volume, options: Partial<PodOptions> = {}): ReturnType<typeof podOf> {
  const step = {
    name: "build",
    image,
    computeResources: { limits: { cpu: "500m", memory: "1Gi" }, requests: { memory: "1" } },
  };
  return podOf(boundForTest({ steps: [step], volumes: [volume] }), optionsForTest(options));
}

const volumeOf = (volume: Volume, options: Partial<PodOptions> = {}): unknown => {
  const pod = made(volume, options);
  return pod.ok ? pod.value.spec.volumes.find(({ name }) => name === "v") : pod.diagnostics.map(({ code }) => code);
};

describe("a hostPath", () => {
  test.for<readonly [string, readonly string[], unknown]>([
    ["/data", [], ["volume.forbidden"]],
    ["/data", ["/data"], { kind: "host", name: "v", path: "/data", make: false }],
    ["/data/sub/", ["/srv", "/data/"], { kind: "host", name: "v", path: "/data/sub", make: false }],
    ["/database", ["/data"], ["volume.forbidden"]],
    ["/", ["/data"], ["volume.forbidden"]],
    ["/data", ["/"], { kind: "host", name: "v", path: "/data", make: false }],
    ["/data/../etc", ["/data"], ["field.value"]],
    ["data", ["/"], ["field.value"]],
  ])("%s where %j is allowed", ([path, hostPaths, expected]) => {
    expect(volumeOf({ name: "v", hostPath: { path } }, { hostPaths })).toEqual(expected);
  });

  test.for<readonly [string, unknown]>([
    ["DirectoryOrCreate", { kind: "host", name: "v", path: "/data", make: true }],
    ["Socket", { kind: "host", name: "v", path: "/data", make: false }],
    ["FileOrCreate", ["field.unsupported"]],
    ["Folder", ["field.value"]],
  ])("of type %s", ([type, expected]) => {
    expect(volumeOf({ name: "v", hostPath: { path: "/data", type } }, { hostPaths: ["/data"] })).toEqual(expected);
  });

  test("that nobody allowed names the flag, at its place", () => {
    const [diagnostic] = made({ name: "v", hostPath: { path: "/var/run/docker.sock" } }).diagnostics;
    expect(diagnostic).toMatchObject({
      path: "spec.volumes[0].hostPath",
      hint: expect.stringContaining("--allow-host-path /var/run/docker.sock"),
    });
  });
});

test.for(["csi", "nfs", "iscsi", "gitRepo", "image", "rbd", "fc"])("a %s volume is refused by name", (kind) => {
  const pod = made({ name: "v", [kind]: {} });
  expect(pod.diagnostics).toMatchObject([
    {
      severity: "error",
      code: "field.unsupported",
      path: `spec.volumes[0].${kind}`,
      message: expect.stringContaining(kind),
    },
  ]);
});

test("an ephemeral volume lives as long as the Pod", () => {
  expect(volumeOf({ name: "v", ephemeral: {} })).toMatchObject({ kind: "scratch", medium: "disk" });
});

test("a projected token is refused, with what to do", () => {
  const pod = made({ name: "v", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } });
  expect(pod.diagnostics).toMatchObject([
    { code: "field.unsupported", path: "spec.volumes[0].projected.sources[0].serviceAccountToken" },
  ]);
});

describe("a downwardAPI volume tells of a container's resources", () => {
  test.for<readonly [string, string, string | number | undefined, unknown]>([
    ["step-build", "limits.cpu", undefined, "1"],
    ["step-build", "limits.cpu", "1m", "500"],
    ["step-build", "limits.memory", "1Mi", "1024"],
    ["step-build", "requests.memory", undefined, "1"],
    // A request that is not stated is what the limit is.
    ["step-build", "requests.cpu", "1m", "500"],
    ["step-build", "limits.ephemeral-storage", undefined, ["field.unsupported"]],
    ["step-other", "limits.cpu", undefined, ["field.value"]],
  ])("%s %s in %s", ([containerName, resource, divisor, expected]) => {
    const resourceFieldRef = { containerName, resource, ...(divisor === undefined ? {} : { divisor }) };
    const volume = volumeOf({ name: "v", downwardAPI: { items: [{ path: "p", resourceFieldRef }] } });
    const file = { path: "p", content: { kind: "text", text: expected }, mode: 0o644, secret: false };
    expect(volume).toEqual(Array.isArray(expected) ? expected : { kind: "files", name: "v", files: [file] });
  });
});

test("fsGroup is the volumes' group, sysctls are the Pod's", () => {
  const podTemplate = { securityContext: { fsGroup: 7, sysctls: [{ name: "net.core.somaxconn", value: "512" }] } };
  const pod = podOf(boundForTest({ steps: [{ image }] }, { podTemplate }), optionsForTest());
  expect(pod.ok && pod.value.spec).toMatchObject({ volumeGroup: 7, sysctls: { "net.core.somaxconn": "512" } });
});

test.for([
  [{ nodeSelector: { a: "b" } }, "podTemplate.nodeSelector"],
  [{ tolerations: [{}] }, "podTemplate.tolerations"],
  [{ affinity: {} }, "podTemplate.affinity"],
  [{ topologySpreadConstraints: [{}] }, "podTemplate.topologySpreadConstraints"],
  [{ runtimeClassName: "kata" }, "podTemplate.runtimeClassName"],
  [{ priorityClassName: "high" }, "podTemplate.priorityClassName"],
  [{ schedulerName: "volcano" }, "podTemplate.schedulerName"],
  [{ enableServiceLinks: true }, "podTemplate.enableServiceLinks"],
  [{ automountServiceAccountToken: true }, "podTemplate.automountServiceAccountToken"],
  [{ hostUsers: false }, "podTemplate.hostUsers"],
  [{ securityContext: { seLinuxOptions: {} } }, "podTemplate.securityContext.seLinuxOptions"],
  [{ securityContext: { supplementalGroupsPolicy: "Strict" } }, "podTemplate.securityContext.supplementalGroupsPolicy"],
] as const)("what no engine honours is named once: %j", ([podTemplate, name]) => {
  const { diagnostics } = podOf(boundForTest({ steps: [{ image }, { image }] }, { podTemplate }), optionsForTest());
  expect(diagnostics).toMatchObject([{ severity: "warning", message: expect.stringContaining(name) }]);
});
