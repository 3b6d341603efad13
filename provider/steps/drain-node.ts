import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { retry } from "../execute/retry.ts";
import { type Probe, until } from "../execute/wait.ts";
import type { Kube } from "../hosts/kube.ts";
import type { Pod } from "../hosts/kube-objects.ts";
import { budgetsHolding } from "./disruption-budgets.ts";
import { type DrainRules, podName, podsToEvict, whyNotDrain } from "./pods-to-evict.ts";
import { defineStep } from "./step.ts";

export interface DrainOptions extends DrainRules {
  /** Seconds that a pod gets to end; below 0, what the pod says itself. */
  readonly gracePeriod?: number | undefined;
  /** Seconds until it is given up. */
  readonly timeout?: number | undefined;
}

export interface DrainNodeParams {
  /** Of the Node object. */
  readonly name: string;
  readonly options: DrainOptions;
  /** Of evictions: `policy/v1beta1` before Kubernetes 1.22. */
  readonly policyVersion?: "policy/v1" | "policy/v1beta1";
}

/** Asks the pods of a node to leave, as their disruption budgets permit, and waits until they are gone. */
export const drainNode = defineStep<DrainNodeParams>("drain-node", {
  title: ({ name }) => `drain ${name}`,

  async run(params, context) {
    const { name, options } = params;
    const { signal } = context;
    const look = async () => {
      const kube = await context.kube();
      return Promise.all([kube.node(name, { signal }), kube.podsOn(name, { signal })]);
    };
    const [node, pods] = await retry(`list the pods on ${name}`, look, { context, attempts: 5 });
    if (node === undefined) return "unchanged";
    const leaving = podsToEvict(pods, options);
    if (leaving.length === 0) return "unchanged";
    if (node.spec.unschedulable !== true) {
      throw refusal(name, "it is not cordoned", "Run it again: the node is cordoned first");
    }
    const because = whyNotDrain(pods, options);
    if (because !== undefined) throw refusal(name, because, "See nodeDrainInput of upgradeStrategy");

    const limitMs = Math.max(1, options.timeout ?? 120) * 1000;
    await until(`the pods on ${name} to leave`, () => evictOnce(params, context), {
      intervalMs: 2000,
      limitMs,
      context,
      hint: "Free what holds them, or raise the timeout of the drain; pods that have left come back once the node is uncordoned",
    });
    return "changed";
  },
});

const refusal = (name: string, because: string, hint: string): RkeError =>
  new RkeError("unsafe", { doing: `drain ${name}`, because, hint });

/** One round: whoever may go is asked to; who is held by a budget is asked again in the next. */
async function evictOnce(params: DrainNodeParams, context: Context): Promise<Probe<true>> {
  const { name, options } = params;
  const kube = await context.kube();
  const pods = podsToEvict(await kube.podsOn(name, { signal: context.signal }), options);
  if (pods.length === 0) return { done: true, value: true };
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const answers = await Promise.all(staying.map((pod) => evict(kube, pod, { params, context })));
  const held = staying.filter((_, index) => answers[index] === "held by a disruption budget");
  const budgets = await budgetsHolding(kube, held, { policyVersion: params.policyVersion, signal: context.signal });
  const clauses = pods.map((pod) => {
    const budget = budgets.get(pod);
    const isHeld = held.includes(pod);
    const by = budget === undefined ? "a disruption budget" : `the disruption budget ${budget}`;
    return isHeld ? `${podName(pod)} (held by ${by})` : podName(pod);
  });
  const rest = clauses.length > LISTED ? ` and ${clauses.length - LISTED} more` : "";
  return { done: false, lastAnswer: `still there: ${clauses.slice(0, LISTED).join(", ")}${rest}` };
}

const LISTED = 5;

async function evict(
  kube: Kube,
  { metadata }: Pod,
  { params: { options, policyVersion }, context }: { params: DrainNodeParams; context: Context },
): Promise<string> {
  const { gracePeriod = -1 } = options;
  return kube.evict(metadata, {
    signal: context.signal,
    apiVersion: policyVersion,
    ...(gracePeriod >= 0 && { gracePeriodSeconds: gracePeriod }),
  });
}
