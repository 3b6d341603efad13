import { RkeError } from "../errors.ts";
import type { Context } from "./context.ts";
import { type FoundLock, findLock, imageThere, lockSpec } from "./lock-container.ts";
import { type Interrupted, lockLabels, lockName } from "./lock-record.ts";
import { type LifeSigns, lifeOf, ownerText } from "./owner.ts";

export type LockContext = Pick<
  Context,
  "clock" | "sleep" | "signal" | "emit" | "nameOf" | "docker" | "registryCredentials"
>;

/** Who wants the lock, and for how long. */
export interface Claim {
  readonly holder: string;
  readonly isHolderExclusive: boolean;
  readonly runId: string;
  readonly verb: string;
  readonly limitMs: number;
  readonly lifeSigns: LifeSigns;
}

export type Take =
  | { readonly status: "taken"; readonly id: string; readonly interrupted: Interrupted | undefined }
  | { readonly status: "held"; readonly found: FoundLock };

interface TakeOptions {
  readonly claim: Claim;
  readonly context: LockContext;
  readonly image: string;
}

/**
 * Tries to lock one machine. Creating comes first: that one call decides, and on most days it is the only one. What
 * stands in its way is looked at afterwards: a lock, or that the image is not there.
 */
export async function takeLock(address: string, { claim, context, image: wanted }: TakeOptions): Promise<Take> {
  const { signal } = context;
  const docker = context.docker(address);
  let image = wanted;
  let interrupted: Interrupted | undefined;
  for (let round = 1; ; round++) {
    try {
      const id = await docker.create(lockName, lockSpec(image, labelsOf(claim, context)), { signal });
      return { status: "taken", id, interrupted };
    } catch (error) {
      if (!(error instanceof RkeError) || error.transient || round === MOST_ROUNDS) throw error;
    }
    const found = await findLock(address, context);
    if (found === undefined) image = await imageThere(address, { wanted, context });
    // The answer to an earlier try was lost on its way.
    else if (found.record.runId === claim.runId) return { status: "taken", id: found.id, interrupted };
    else if (!isFree(found, { claim, now: context.clock() })) return { status: "held", found };
    else {
      interrupted = { ...found.record, journal: await found.journal() };
      // By its id: somebody else may have been faster, and then the name is that of a new lock.
      await docker.remove(found.id, { signal });
    }
  }
}

/** One for each thing that may stand in the way, and one for a race. */
const MOST_ROUNDS = 4;

function labelsOf({ holder, runId, verb, limitMs, lifeSigns }: Claim, { clock }: LockContext): Record<string, string> {
  const startedAt = clock();
  const expiresAt = new Date(startedAt.getTime() + limitMs).toISOString();
  return lockLabels({ holder, owner: ownerText(lifeSigns.owner), runId, verb, expiresAt }, { startedAt });
}

/** Whether the run that took it has ended without giving it back. Doubt means that it has not. */
function isFree({ record }: FoundLock, { claim, now }: { claim: Claim; now: Date }): boolean {
  const life = lifeOf(record, claim.lifeSigns);
  if (life === "alive") return false;
  if (Date.parse(record.expiresAt) <= now.getTime()) return true;
  return record.holder === claim.holder && (life === "dead" || claim.isHolderExclusive);
}
