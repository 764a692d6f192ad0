import { type Container, type ContainerCreateOptions, type default as Docker } from "dockerode";
import { isMissing, isNameTaken } from "./errors.ts";
import { runLabel } from "./labels.ts";
import { removeContainer } from "./end-container.ts";

/**
 * Creates a container of a run, in the place of one that the same run has left under that name: where a lapcat is killed while the engine
 * makes a container, that may be there only after all was swept that was left.
 */
export async function createContainer(docker: Docker, config: ContainerCreateOptions): Promise<Container> {
  try {
    return await docker.createContainer(config);
  } catch (cause) {
    const { name, Labels } = config;
    if (name === undefined || !isNameTaken(cause)) throw cause;
    const there = docker.getContainer(name);
    const labels = await labelsOf(there);
    if (labels !== undefined && labels[runLabel] !== Labels?.[runLabel]) throw cause;
    await removeContainer(there);
    return docker.createContainer(config);
  }
}

/** Undefined when it is gone meanwhile. */
async function labelsOf(container: Container): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    return (await container.inspect()).Config.Labels ?? {};
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}
