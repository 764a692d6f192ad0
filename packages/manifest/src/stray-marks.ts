/** What the lexer puts before the text of a scalar (yaml's CST.SCALAR). */
const scalarFollows = "\u001f";

/** Counts the marks that belong to nothing: each would become an error of its own, hundreds of thousands of them cost seconds. */
export interface StrayMarks {
  readonly count: number;
  next(lexeme: string): void;
}

/**
 * A tag after a tag, an anchor after an anchor, a comma after a comma, with nothing but space in between, from the second of a run on;
 * and aliases of anchors that no text before them has. A map's tag may stand before its first key's, so a run has at least three.
 */
export function strayMarks(): StrayMarks {
  const anchors = new Set<string>();
  let count = 0;
  let run = 0;
  let last = "";
  let isText = false;
  return {
    get count() {
      return count;
    },
    next(lexeme) {
      const mark = isText ? "text" : lexeme.charAt(0);
      isText = lexeme === scalarFollows;
      if (isText || mark === " " || mark === "\t" || mark === "\n" || mark === "\r" || mark === "#") return;
      if (mark === "&") anchors.add(lexeme.slice(1));
      if (mark === "*" && !anchors.has(lexeme.slice(1))) count += 1;
      run = mark === last ? run + 1 : 1;
      last = mark;
      if (run > 2 && (mark === "!" || mark === "&" || mark === ",")) count += 1;
    },
  };
}
