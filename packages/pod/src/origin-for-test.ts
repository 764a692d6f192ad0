import { sourceFile, type Span } from "@lapcat/diagnostic";
import { type Origin } from "@lapcat/tekton";

const file = sourceFile("test.yaml", "");
const nowhere = (): Span => ({ file, start: 0, end: 0 });

/** The origin of what no document says. */
export const originForTest: Origin = {
  document: { source: file, index: 0, value: null, spanOf: nowhere, keySpanOf: nowhere, jsonTextAt: () => undefined },
  spanOf: nowhere,
  keySpanOf: nowhere,
};
