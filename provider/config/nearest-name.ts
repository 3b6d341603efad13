/** The known name that was most likely meant: the same letters in another spelling first, then the fewest typing slips. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const letters = lettersOf(name);
  const respelled = known.find((candidate) => lettersOf(candidate) === letters);
  if (respelled !== undefined) return respelled;

  const allowed = Math.min(3, Math.floor(letters.length / 3));
  let best: { readonly candidate: string; readonly slips: number } | undefined;
  for (const candidate of known) {
    const slips = slipsBetween(letters, lettersOf(candidate), allowed);
    if (slips <= allowed && (best === undefined || slips < best.slips)) best = { candidate, slips };
  }
  return best?.candidate;
}

const lettersOf = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

const longestCompared = 80;

/** Letters to insert, remove, replace or swap with their neighbour to get from one name to the other. */
function slipsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit || a.length > longestCompared) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let slips = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        slips = Math.min(slips, at(beforeLast, column - 2) + 1);
      }
      current.push(slips);
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
