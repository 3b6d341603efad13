/** Line and column, both counted from one. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Finds lines and columns of offsets in a text. */
export function positionsIn(text: string): (at: number) => TextPosition {
  let starts: readonly number[] | undefined;
  return (at) => {
    starts ??= [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (found) => found.index + found[0].length)];
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (starts[low] ?? 0) + 1 };
  };
}
