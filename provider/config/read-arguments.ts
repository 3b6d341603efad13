import type { Finding, Path } from "./finding.ts";
import { valueAt } from "./paths.ts";
import { cluster, type ParsedCluster } from "./schema/cluster.ts";
import { placesOf, schemaFindings } from "./schema-findings.ts";
import { hasUnknown, unknownPaths } from "./unknowns.ts";

/** As much of the input as has the right shape. */
export interface Arguments {
  readonly given: ParsedCluster;
  readonly failures: readonly Finding[];
  /** Places whose value is not known yet. Where a text stands, `given` has Pulumi's marker; elsewhere it was left out. */
  readonly unknown: readonly Path[];
  /** Those, and places whose value has not the right shape or was left out because of one that has not. */
  readonly doubtful: readonly Path[];
}

// Each round leaves out what the one before uncovered: an item, then the list it lies in, and so on upwards.
const mostRounds = 12;

/** Checks an input against the schema; what does not fit is reported and left out, and the rest goes on. */
export function readArguments(input: unknown): Arguments {
  const unknown = unknownPaths(input);
  const failures: Finding[] = [];
  const doubtful: Path[] = [...unknown];
  const seen = new Set<string>();
  let rest: unknown = input;

  for (let round = 0; round < mostRounds; round++) {
    const result = cluster.safeParse(rest, { reportInput: false });
    if (result.success) return { given: result.data, failures, unknown, doubtful };
    for (const issue of result.error.issues) {
      for (const place of placesOf(issue)) {
        const isOld = isAtOrBelow(place, seen) || hasUnknown(valueAt(rest, place));
        if (!isOld) {
          failures.push(...schemaFindings(issue, cluster, rest).filter(({ path }) => isSame(path, place)));
        }
        const wasEmptied = seen.has(place.join("\0"));
        doubtful.push(wasEmptied ? place.slice(0, -1) : place);
        rest = leftOut(rest, place, { empty: !wasEmptied });
        seen.add(place.join("\0"));
      }
    }
  }
  return { given: {}, failures, unknown, doubtful: [...doubtful, []] };
}

const isSame = (a: Path, b: Path) => a.length === b.length && a.every((part, index) => part === b[index]);

function isAtOrBelow(place: Path, seen: ReadonlySet<string>): boolean {
  return place.some((_, index) => seen.has(place.slice(0, index + 1).join("\0"))) || seen.has("");
}

/**
 * The value without one of its parts. An item of a list becomes an empty map first, so that the others keep their
 * places; where that does not fit either, the whole list is left out.
 */
function leftOut(value: unknown, path: Path, { empty }: { readonly empty: boolean }): unknown {
  const [key, ...below] = path;
  if (key === undefined) return {};
  if (Array.isArray(value)) {
    if (below.length === 0 && !empty) return undefined;
    return value.map((item, index) => {
      if (index !== key) return item;
      return below.length === 0 ? {} : leftOut(item, below, { empty });
    });
  }
  if (typeof value !== "object" || value === null) return undefined;
  const entries = Object.entries(value).flatMap(([name, item]) => {
    if (name !== key) return [[name, item]];
    const kept = below.length === 0 ? undefined : leftOut(item, below, { empty });
    return kept === undefined ? [] : [[name, kept]];
  });
  return Object.fromEntries(entries);
}
