import { RkeError } from "../errors.ts";
import { type Journal, journalOn } from "./journal.ts";
import type { Interrupted } from "./lock-record.ts";
import { giveBack } from "./lock-release.ts";
import { type Claim, type LockContext, takeLock } from "./lock-take.ts";
import { lockRefused, resuming, whoseLock } from "./lock-texts.ts";
import { type LifeSigns, thisOwner } from "./owner.ts";
import { retry } from "./retry.ts";
import { type Probe, until } from "./wait.ts";

export interface LockOptions {
  readonly context: LockContext;
  /** Addresses of the machines that carry the lock: those with etcd that answer. With none there is no lock. */
  readonly nodes: readonly string[];
  /** Whose cluster it is: the URN of a resource, or the path of a file. */
  readonly holder: string;
  /** Whether something else sees to it that a holder has one run at a time, as Pulumi does for a stack. */
  readonly isHolderExclusive: boolean;
  readonly runId: string;
  /** What the run does: `up`, `remove`. */
  readonly verb: string;
  /** After how long the lock is nobody's: the deadline of the run, and then some. */
  readonly limitMs: number;
  /** How long to wait for a lock that is held; unset means not at all. */
  readonly waitMs?: number | undefined;
  /** An image to make the lock from; pulled where there is no other. */
  readonly image: (address: string) => string;
  readonly lifeSigns?: Omit<LifeSigns, "isOurs"> | undefined;
  /** Is told that the lock could not be taken and that something of the attempt may be left on a machine. */
  readonly onTrace?: (() => void) | undefined;
}

export interface LockedRun {
  readonly journal: Journal;
  /** The run whose lock was taken over. */
  readonly interrupted: Interrupted | undefined;
}

/**
 * Does something that no one else may do to the same cluster at the same time, and gives the lock back afterwards, also
 * after a failure. The lock of a run that was killed is taken over, and a notice says so.
 */
export async function withLock<T>(options: LockOptions, work: (run: LockedRun) => Promise<T>): Promise<T> {
  const { context, runId, verb, onTrace } = options;
  const locks = new Map<string, string>();
  running.add(runId);
  let isRefused = false;
  let isTaken = false;
  try {
    const interrupted = await acquire(options, locks).catch((error: unknown) => {
      isRefused = error instanceof RkeError && error.code === "unsafe";
      throw error;
    });
    isTaken = true;
    const journal = journalOn({ context, locks });
    try {
      journal.note(`${verb}, run ${runId}`);
      if (interrupted !== undefined) {
        const text = resuming(interrupted);
        context.emit({ kind: "notice", text });
        journal.note(text);
      }
      return await work({ journal, interrupted });
    } finally {
      await journal.close();
    }
  } finally {
    const isClean = await giveBack(locks, context);
    running.delete(runId);
    // The answer to a request that failed may have been lost on its way back.
    if (!isClean || !(isTaken || isRefused)) onTrace?.();
  }
}

/** The runs of this process. Resources of one program are worked on side by side, in one process. */
const running = new Set<string>();

/**
 * Fills `locks` with ids of containers, by address. One machine after the other and always in the same order, so that of
 * two runs one gets them all.
 */
async function acquire(options: LockOptions, locks: Map<string, string>): Promise<Interrupted | undefined> {
  const { holder, isHolderExclusive, runId, verb, limitMs, lifeSigns = { owner: thisOwner() } } = options;
  const isOurs = (id: string) => running.has(id);
  const claim = { holder, isHolderExclusive, runId, verb, limitMs, lifeSigns: { ...lifeSigns, isOurs } };
  let longest: Interrupted | undefined;
  for (const address of [...new Set(options.nodes)].sort()) {
    const { id, interrupted } = await lockNode(address, { claim, options });
    locks.set(address, id);
    if (interrupted !== undefined && interrupted.journal.length >= (longest?.journal.length ?? 0))
      longest = interrupted;
  }
  return longest;
}

interface NodeLock {
  readonly id: string;
  readonly interrupted: Interrupted | undefined;
}

async function lockNode(
  address: string,
  { claim, options }: { claim: Claim; options: LockOptions },
): Promise<NodeLock> {
  const { context, nodes, waitMs } = options;
  const image = options.image(address);
  const take = () =>
    retry("take the lock", () => takeLock(address, { claim, context, image }), { context, attempts: 4, node: address });
  let last = await take();
  if (last.status === "held" && waitMs !== undefined && waitMs > 0) {
    const probe = async (): Promise<Probe<undefined>> => {
      last = await take();
      return last.status === "taken"
        ? { done: true, value: undefined }
        : { done: false, lastAnswer: whoseLock(last.found) };
    };
    await until("the lock of the cluster", probe, { intervalMs: 2000, limitMs: waitMs, context, node: address }).catch(
      (error: unknown) => {
        if (!(error instanceof RkeError) || error.code !== "timeout" || context.signal.aborted) throw error;
      },
    );
  }
  if (last.status === "held") throw lockRefused(address, { found: last.found, verb: claim.verb, nodes, context });
  return last;
}
