import { type Span } from "@lapcat/diagnostic";
import { type ManifestDocument, type Path } from "@lapcat/manifest";
import { type Origin } from "../resource.ts";
import { pathKey } from "./convert.ts";

/** The origin of a resource that stands at `base` in a document, some of whose fields were `written` elsewhere than v1 has them. */
export function originOf(document: ManifestDocument, base: Path, written: ReadonlyMap<string, Path>): Origin {
  if (written.size === 0) {
    return {
      document,
      spanOf: (path): Span => document.spanOf([...base, ...path]),
      keySpanOf: (path): Span => document.keySpanOf([...base, ...path]),
    };
  }
  const translate = (path: Path): Path => {
    let place: Path = [];
    path.forEach((part, index) => {
      place = written.get(pathKey(path.slice(0, index + 1))) ?? [...place, part];
    });
    return place;
  };
  return {
    document,
    spanOf: (path): Span => document.spanOf([...base, ...translate(path)]),
    keySpanOf: (path): Span => document.keySpanOf([...base, ...translate(path)]),
    written: translate,
  };
}
