// The same on every engine of this machine.
import { docker, podman } from "./support/clients.ts";
import { imagesOnAnyEngine, onAnyEngine } from "./support/on-any-engine.ts";
import { absenceOf, describeWith } from "./support/on-engine.ts";

describeWith("--engine docker", await absenceOf(docker, ...imagesOnAnyEngine), "in CI", () => {
  onAnyEngine({ client: docker, args: ["--engine", "docker"], env: () => ({}) });
});

// Podman is the second engine: a machine for checking need not have it.
describeWith("--engine podman", await absenceOf(podman, ...imagesOnAnyEngine), "where it is", () => {
  onAnyEngine({ client: podman, args: ["--engine", "podman"], env: () => ({}) });
});
