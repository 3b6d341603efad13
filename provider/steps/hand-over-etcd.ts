import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { type Probe, until } from "../execute/wait.ts";
import { lagOf, smallLag, statusesOf } from "./etcd-members.ts";
import { defineStep } from "./step.ts";

export interface HandOverEtcdParams {
  readonly node: string;
  /** Addresses of the other members that have a vote. */
  readonly via: readonly string[];
}

/**
 * Lets another member lead before that of a machine is stopped, in a moment in which a vote is quick: what is under way
 * meanwhile fails. Nothing is lost when it cannot be done, since etcd then does it while it stops.
 */
export const handOverEtcd = defineStep<HandOverEtcdParams>("hand-over-etcd", {
  title: () => "let another member lead etcd",

  async run(params, context) {
    const { node } = params;
    const signal = withDeadline(context.signal, patienceMs, "let another member lead etcd");
    const within = { ...context, signal };
    try {
      const own = await context.etcd(node).status({ signal });
      if (own.leaderId !== own.memberId) return "unchanged";
      const heir = await heirOf(params, within);
      if (heir === undefined) return "unchanged";
      await calm(params, within);
      await context.etcd(node).transferLeadership(heir, { signal });
      await until("another member to lead", () => look(params, own.memberId, within), {
        intervalMs: 200,
        limitMs: patienceMs,
        context: within,
        node,
      });
      return "changed";
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof RkeError)) throw error;
      const text = `etcd goes on to be led by ${context.nameOf(node)} until it is stopped: ${error.detail.because}`;
      context.emit({ kind: "notice", text });
      return "unchanged";
    }
  },
});

const patienceMs = 30_000;

/**
 * Waits until reads are confirmed quickly, several times in a row. Those that are under way when a leader goes fail, and API
 * servers do not ask again. A vote takes as long as disks take to write, and those of members that were just replaced are
 * busy. It gets no better by waiting longer than a few seconds.
 */
async function calm({ node, via }: HandOverEtcdParams, context: Context): Promise<void> {
  const { signal, clock } = context;
  for (let round = 0, quick = 0; round < mostRounds && quick < enoughRounds; round++) {
    const startedAtMs = clock().getTime();
    await Promise.allSettled([node, ...via].map((address) => context.etcd(address).health({ signal })));
    signal.throwIfAborted();
    quick = clock().getTime() - startedAtMs <= quickMs ? quick + 1 : 0;
    await context.sleep(pauseMs);
  }
}

const enoughRounds = 5;
const mostRounds = 50;
const quickMs = 50;
const pauseMs = 100;

/** Of the members that could lead at once, the first. */
async function heirOf({ via }: HandOverEtcdParams, context: Context): Promise<string | undefined> {
  const others = await statusesOf(via, context);
  return others.find((one) => !one.isLearner && one.errors.length === 0 && lagOf(one, others) <= smallLag)?.memberId;
}

async function look({ node }: HandOverEtcdParams, memberId: string, context: Context): Promise<Probe<true>> {
  const { leaderId } = await context.etcd(node).status({ signal: context.signal });
  if (leaderId === undefined) return { done: false, lastAnswer: "no leader" };
  return leaderId === memberId ? { done: false, lastAnswer: "it leads still" } : { done: true, value: true };
}
