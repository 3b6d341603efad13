import { compareVersions, parseVersion } from "./versions.ts";

const slipOfThePen = 2;
const enough = 3;

/** A few versions that were perhaps meant: slips of the pen first, then the newest of the minor, or else of all. */
export function nearestVersions(
  version: string,
  { known, current }: { known: readonly string[]; current: readonly string[] },
): readonly string[] {
  const newestFirst = known.toSorted((a, b) => compareVersions(parseVersion(b), parseVersion(a)));
  // Digits of the minor are not a slip: nobody who asks for v1.33 means v1.13.
  const minor = /^v?(1\.\d+)\./.exec(version)?.[1];
  const sameMinor = newestFirst.filter((name) => name.startsWith(`v${minor}.`));
  const slips = (minor === undefined ? newestFirst : sameMinor)
    .map((name) => ({ name, distance: editDistance(version, name) }))
    .filter(({ distance }) => distance <= slipOfThePen)
    .toSorted((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
  const near = [...new Set([...slips, ...sameMinor])].slice(0, enough);
  return near.length > 0 ? near : current.toReversed();
}

/** How many letters must be added, dropped or changed to make one text of the other. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...a].entries()) {
    const line = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const changed = (above[column] ?? 0) + (letter === other ? 0 : 1);
      line.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1));
    }
    above = line;
  }
  return above[b.length] ?? 0;
}
