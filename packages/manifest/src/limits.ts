/** A document larger than this is refused before it is looked at; aliases may not expand to more either. */
export const maxSize: number = 8 * 1024 * 1024;

/** Collections within collections. Tekton's deepest field stands at about twenty. */
export const maxDepth: number = 200;

/** Keys, values, marks, spaces and line breaks of one file; a block of text is one. Tekton's whole catalog has two thirds as many. */
export const maxLexemes: number = 500_000;

/** Documents in one file. */
export const maxDocuments: number = 10_000;

/** After so many errors the rest of a file is not read: it is hardly YAML. */
export const maxErrors: number = 100;
