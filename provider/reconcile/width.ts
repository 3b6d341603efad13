import { RkeError } from "../errors.ts";

/** A plane of which some nodes are to be changed. */
export interface Plane {
  /** As it reads before "nodes": `worker`. */
  readonly name: string;
  /** How many nodes it has that are not new. */
  readonly size: number;
  /** Those that are missing already and that the change does not bring back, as clauses: `node-2 cannot be reached`. */
  readonly missing: readonly string[];
}

/**
 * How many nodes of a plane may be missing at once: a number, or a percentage of the plane, rounded down but at least
 * one, and never more than RKE's fifty. Nodes that are missing already count.
 */
export function widthOf(maxUnavailable: string, { name, size, missing }: Plane): number {
  const width = roomIn(maxUnavailable, { size, missing });
  if (width > 0) return width;
  throw new RkeError("unsafe", {
    doing: `change the ${name} nodes`,
    because: `${missing.length} of ${size} are missing already (${listed(missing)}), and maxUnavailable is ${maxUnavailable}, which allows ${allowedOf(maxUnavailable, size)}`,
    hint: "Bring the nodes back or take them out of the cluster, then try again; or allow more to be unavailable",
  });
}

/** How many more nodes may go missing; none when it is not above zero. */
export const roomIn = (maxUnavailable: string, { size, missing }: Pick<Plane, "size" | "missing">): number =>
  allowedOf(maxUnavailable, size) - missing.length;

/** As {@link widthOf}, for nodes that are down themselves: to change them takes nothing away, so one is always allowed. */
export const repairWidthOf = (maxUnavailable: string, plane: Plane): number =>
  Math.max(1, roomIn(maxUnavailable, plane));

/** How many nodes of a plane of this size may be missing at once, when none is missing yet. */
export function allowedOf(maxUnavailable: string, size: number): number {
  const [, number = "", percent] = /^(\d+)(%?)$/.exec(maxUnavailable.trim()) ?? [];
  const wanted = percent === "%" ? Math.floor((size * Number(number)) / 100) : Number(number);
  return Math.min(50, Math.max(1, wanted));
}

const listed = (clauses: readonly string[]): string =>
  clauses.length > 4 ? `${clauses.slice(0, 3).join(", ")} and ${clauses.length - 3} more` : clauses.join(", ");
