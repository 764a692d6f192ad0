/** Numbers from 0 up to a size, told from the smallest on. */
export interface RankSet {
  add(rank: number): void;
  delete(rank: number): void;
  inOrder(): Generator<number>;
}

export function rankSet(size: number): RankSet {
  const isIn = new Uint8Array(size);
  let low = size;
  let high = 0;
  return {
    add(rank) {
      isIn[rank] = 1;
      low = Math.min(low, rank);
      high = Math.max(high, rank + 1);
    },
    delete(rank) {
      isIn[rank] = 0;
      while (low < high && isIn[low] === 0) low += 1;
      if (low < high) return;
      low = size;
      high = 0;
    },
    *inOrder() {
      for (let rank = low; rank < high; rank++) if (isIn[rank] === 1) yield rank;
    },
  };
}
