/** Numbers that look like chance and are the same for the same seed. */
export interface Random {
  /** From 0 up to, not including, `limit`. */
  below(limit: number): number;
  chance(percent: number): boolean;
  oneOf<T>(list: readonly [T, ...T[]]): T;
}

/** Mulberry32. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (percent) => below(100) < percent,
    oneOf: (list) => list[below(list.length)] ?? list[0],
  };
}

/** A seed from another and a text. */
export function seedOf(seed: number, text: string): number {
  let hash = seed ^ 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
