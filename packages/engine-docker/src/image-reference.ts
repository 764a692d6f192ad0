import { LapcatError } from "@lapcat/diagnostic";
import { parseImageName, type ImageName } from "@lapcat/engine";

/** Rejects with `image.name`. */
export function imageName(text: string): ImageName {
  const name = parseImageName(text);
  if (name === undefined) {
    throw new LapcatError({
      code: "image.name",
      message: `${JSON.stringify(text)} is not a valid image reference`,
      hint: "an image is [registry/]name[:tag][@sha256:digest], in lower case",
    });
  }
  return name;
}

export function repositoryOf(name: ImageName): string {
  return `${name.registry}/${name.repository}`;
}

/** The form engines take: a digest wins over a tag beside it. */
export function fullName(name: ImageName): string {
  return name.digest === undefined
    ? `${repositoryOf(name)}:${name.tag ?? "latest"}`
    : `${repositoryOf(name)}@${name.digest}`;
}
