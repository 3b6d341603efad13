import { RkeError } from "../errors.ts";
import type { Context } from "./context.ts";
import { withDeadline } from "./deadline.ts";
import { findLock } from "./lock-container.ts";
import { lockName } from "./lock-record.ts";

/**
 * Takes our locks away again, on all machines at once. Never fails, and does not stop with a run that was cancelled:
 * what cannot be taken away is told. So is a lock that is not there any more, because then nobody was kept out.
 * Returns whether every lock was there and is gone.
 */
export async function giveBack(
  locks: ReadonlyMap<string, string>,
  { docker, emit, nameOf }: Pick<Context, "docker" | "emit" | "nameOf">,
): Promise<boolean> {
  const one = async ([address, id]: [string, string]): Promise<string | undefined> => {
    const signal = withDeadline(new AbortController().signal, LIMIT_MS, "give the lock back");
    try {
      if (await docker(address).remove(id, { signal })) return undefined;
      const found = await findLock(address, { docker, signal });
      const by = found === undefined ? "" : ` and taken by ${found.record.owner}`;
      return `the lock on ${nameOf(address)} was broken during this run${by}: something else may have changed the cluster meanwhile`;
    } catch (error) {
      const because = error instanceof RkeError ? error.detail.because : String(error);
      return `the lock on ${nameOf(address)} could not be given back, "docker rm ${lockName}" there does that: ${because}`;
    }
  };
  const notices = await Promise.all([...locks].map(one));
  const told = notices.filter((text) => text !== undefined);
  for (const text of told) emit({ kind: "notice", text });
  return told.length === 0;
}

const LIMIT_MS = 15_000;
