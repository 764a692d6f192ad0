import { type ImageInfo } from "./engine.ts";
import { type ContainerSpec, type EnvVar } from "./pod-spec.ts";

/** The variables a container is to have beside those of its image, each once. */
export function variablesOf(
  container: Pick<ContainerSpec, "env" | "defaultEnv">,
  image: Pick<ImageInfo, "env">,
): readonly EnvVar[] {
  const inherited = new Map(image.env.map(split));
  const values = new Map<string, string>();
  for (const { name, value, extendsImage } of container.defaultEnv) {
    const before = inherited.get(name);
    if (before === undefined) values.set(name, value);
    else if (extendsImage !== undefined) values.set(name, before === "" ? value : `${before}${extendsImage}${value}`);
  }
  for (const { name, value } of container.env) values.set(name, value);
  return Array.from(values, ([name, value]) => ({ name, value }));
}

function split(entry: string): readonly [string, string] {
  const [name = ""] = entry.split("=", 1);
  return [name, entry.slice(name.length + 1)];
}
