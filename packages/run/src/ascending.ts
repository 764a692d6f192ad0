/** Numbers on their way out, the smallest first, each once; greater ones may come in meanwhile. */
export interface Ascending {
  next(): number | undefined;
  add(number: number): void;
}

export function ascending(numbers: Iterable<number>): Ascending {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  let at = 0;
  return {
    next: () => sorted[at++],
    add(number) {
      let low = at;
      for (let high = sorted.length; low < high;) {
        const middle = (low + high) >> 1;
        if ((sorted[middle] ?? number) < number) low = middle + 1;
        else high = middle;
      }
      if (sorted[low] !== number) sorted.splice(low, 0, number);
    },
  };
}
