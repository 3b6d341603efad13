import type { Context } from "../execute/context.ts";
import { type Probe, until } from "../execute/wait.ts";
import { lagOf, smallLag, statusesOf } from "./etcd-members.ts";
import { withLastWords } from "./last-words.ts";
import { defineStep } from "./step.ts";

export interface WaitForEtcdParams {
  readonly node: string;
  /** Also that it has applied what the others have. */
  readonly inSync?: boolean;
  /** Addresses of other members, to compare with; without them a member is compared with what it knows itself. */
  readonly via?: readonly string[];
  readonly limitMs?: number;
}

/** Waits until the etcd member of a machine serves: it knows a leader and, if it has a vote, has its reads confirmed. */
export const waitForEtcd = defineStep<WaitForEtcdParams>("wait-for-etcd", {
  title: ({ inSync }) => `wait until etcd is healthy${inSync === true ? " and in sync" : ""}`,

  async run(params, context) {
    const { node, inSync = false, limitMs = 180_000 } = params;
    const name = `etcd to be healthy${inSync ? " and in sync" : ""}`;
    try {
      await until(name, () => look(params, context), { intervalMs: 1000, limitMs, context, node });
    } catch (error) {
      throw await withLastWords(error, { node, name: "etcd" }, context);
    }
    return "unchanged";
  },
});

async function look({ node, inSync = false, via = [] }: WaitForEtcdParams, context: Context): Promise<Probe<true>> {
  const { signal } = context;
  const etcd = context.etcd(node);
  const others = via.filter((address) => address !== node);
  // Its state it tells at once. Its health is a read, for which it tries seconds to find a leader.
  const own = await etcd.status({ signal });
  if (own.leaderId === undefined) return { done: false, lastAnswer: own.errors[0] ?? "etcdserver: no leader" };
  const [health, compared] = await Promise.all([etcd.health({ signal }), inSync ? statusesOf(others, context) : []]);
  // A learner answers reads with a refusal, and so calls itself unhealthy.
  if (!own.isLearner && !health.healthy) return { done: false, lastAnswer: health.reason };
  const lag = inSync ? lagOf(own, compared) : 0;
  if (lag > smallLag) return { done: false, lastAnswer: `${lag} entries behind` };
  return { done: true, value: true };
}
