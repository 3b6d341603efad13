import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import type { Etcd, EtcdMember, EtcdStatus } from "../hosts/etcd.ts";

export type Question<T> = (etcd: Etcd, signal: AbortSignal) => Promise<T>;

/** Asks members one after another until one has an answer; all of them again when one may have it a moment later. */
export async function askMember<T>(
  via: readonly string[],
  question: Question<T>,
  { context, what }: { context: Context; what: string },
): Promise<T> {
  return retry(what, () => firstAnswer(via, question, { context, what }), { context, attempts: 5 });
}

async function firstAnswer<T>(
  via: readonly string[],
  question: Question<T>,
  { context, what }: { context: Context; what: string },
): Promise<T> {
  const refusals: RkeError[] = [];
  for (const address of via) {
    context.signal.throwIfAborted();
    try {
      return await question(context.etcd(address), withDeadline(context.signal, PATIENCE_MS, what));
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof RkeError)) throw error;
      refusals.push(error);
    }
  }
  const nobody = new RkeError("etcd", { doing: what, because: "there is no member that could be asked" });
  throw refusals.find(({ transient }) => transient) ?? refusals[0] ?? nobody;
}

/** A member that hangs answers nothing, not even no. */
const PATIENCE_MS = 15_000;

export const byPeerUrl = (members: readonly EtcdMember[], peerUrl: string): EtcdMember | undefined =>
  members.find(({ peerUrls }) => peerUrls.includes(peerUrl));

/** The state of every member that answers, all asked at once. */
export async function statusesOf(addresses: readonly string[], context: Context): Promise<readonly EtcdStatus[]> {
  const { signal } = context;
  const asked = addresses.map((address) =>
    context
      .etcd(address)
      .status({ signal })
      .catch(() => undefined),
  );
  const answers = await Promise.all(asked);
  signal.throwIfAborted();
  return answers.filter((answer) => answer !== undefined);
}

/** How many raft entries a member has still to apply, measured by those that are the furthest. */
export function lagOf(own: EtcdStatus, others: readonly EtcdStatus[]): number {
  const furthest = Math.max(...[own, ...others].map(({ raftIndex }) => Number(raftIndex)));
  return Math.max(0, furthest - Number(own.raftAppliedIndex));
}

/** A member this close has everything but what was written while it was asked. */
export const smallLag = 500;
