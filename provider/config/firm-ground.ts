import type { Path } from "./finding.ts";

/** Tells which values conclusions can rest on. */
export interface FirmGround {
  /** Whether the value and all of its parts are sound. */
  readonly isFirm: (path: Path) => boolean;
  /** Whether neither the value nor anything it lies in is doubtful; parts of it may be. */
  readonly isReachable: (path: Path) => boolean;
  /** Whether the value itself or one of its parts is doubtful, whatever it lies in. */
  readonly isTainted: (path: Path) => boolean;
  /** Makes one more place doubtful. */
  readonly doubt: (path: Path) => void;
}

/** Everything but the doubtful places: values that are wrong already, and values that are not known yet. */
export function firmGround(doubtful: readonly Path[]): FirmGround {
  const places = new Set<string>();
  const above = new Set<string>();
  const doubt = (path: Path) => {
    places.add(keyOf(path));
    for (let length = 0; length < path.length; length++) above.add(keyOf(path.slice(0, length)));
  };
  doubtful.forEach(doubt);

  const isReachable = (path: Path) => {
    for (let length = 0; length <= path.length; length++) if (places.has(keyOf(path.slice(0, length)))) return false;
    return true;
  };
  const isTainted = (path: Path) => places.has(keyOf(path)) || above.has(keyOf(path));
  return { isReachable, isTainted, isFirm: (path) => isReachable(path) && !isTainted(path), doubt };
}

const keyOf = (path: Path): string => path.map((part) => `\0${part}`).join("");
