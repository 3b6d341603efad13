import { RkeError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { FoundLock } from "./lock-container.ts";
import { type Interrupted, lockName } from "./lock-record.ts";

/** Who has a lock and how long, for errors and for those who wait. */
export function whoseLock({ record, since }: FoundLock): string {
  const { owner, verb, holder, expiresAt } = record;
  const forWhat = verb === "" ? "" : ` for "${verb}" of ${holder}`;
  return `${owner} took it at ${since}${forWhat}${expiresAt === "" ? "" : `, until ${expiresAt} at most`}`;
}

export function lockRefused(
  address: string,
  {
    found,
    verb,
    nodes,
    context,
  }: { found: FoundLock; verb: string; nodes: readonly string[]; context: Pick<Context, "nameOf"> },
): RkeError {
  const all = [...new Set(nodes)].sort().map(context.nameOf).join(", ");
  return new RkeError("unsafe", {
    doing: `take the lock of the cluster for "${verb}"`,
    node: context.nameOf(address),
    because: whoseLock(found),
    hint: `Wait until that has ended. If it is certain that it has, break the lock: docker rm ${lockName} on ${all}`,
  });
}

/** What a person should know when a run goes on where another one stopped. */
export function resuming({ verb, runId, owner, journal }: Interrupted): string {
  const last = journal.at(-1);
  const after = last === undefined ? "before it had done anything" : `after "${last}"`;
  return `resuming run ${runId} (${verb}) of ${owner}, which stopped ${after}`;
}
