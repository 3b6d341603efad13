/** The container whose name is the lock: Docker gives a name away once. It is created and never started. */
export const lockName = "pulumi-rke-lock";

/** Where the journal lies in the lock's own file system, a deed a line. */
export const journalPath = "/pulumi-rke-journal";

/** What a lock says about the run that has it. */
export interface LockRecord {
  /** Whose cluster it is: the URN of a resource, or the path of a file. */
  readonly holder: string;
  /** The process that runs: `alice@laptop, pid 4711`. */
  readonly owner: string;
  readonly runId: string;
  /** What it does: `up`, `remove`. */
  readonly verb: string;
  /** By the clock of the owner; from then on the lock is nobody's. Empty means never. */
  readonly expiresAt: string;
}

/** A run that ended without giving its lock back. */
export interface Interrupted extends LockRecord {
  /** What it had done. */
  readonly journal: readonly string[];
}

/** The labels of a lock. */
export function lockLabels(record: LockRecord, { startedAt }: { startedAt: Date }): Record<string, string> {
  return Object.fromEntries([
    ...parts.map((part) => [labels[part], record[part]]),
    [startedAtLabel, startedAt.toISOString()],
  ]);
}

/** Reads a lock. What somebody else put in its place has no owner, and never expires. */
export function lockRecordOf(found: Readonly<Record<string, string>>): LockRecord {
  const [holder = "", owner = "unknown", runId = "", verb = "", expiresAt = ""] = parts.map(
    (part) => found[labels[part]],
  );
  return { holder, owner, runId, verb, expiresAt };
}

/** When the run began, as it says itself. */
export const lockedSince = (found: Readonly<Record<string, string>>): string | undefined => found[startedAtLabel];

const parts = ["holder", "owner", "runId", "verb", "expiresAt"] as const;

const labels: Readonly<Record<keyof LockRecord, string>> = {
  holder: "pulumi-rke.lock.holder",
  owner: "pulumi-rke.lock.owner",
  runId: "pulumi-rke.lock.run-id",
  verb: "pulumi-rke.lock.verb",
  expiresAt: "pulumi-rke.lock.expires-at",
};

const startedAtLabel = "pulumi-rke.lock.started-at";
