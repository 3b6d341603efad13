import type { PlacedRef } from "../desired/addons/object-places.ts";
import { type ObjectRef, refText } from "../desired/addons/object-ref.ts";
import type { Context } from "../execute/context.ts";
import { type Probe, until } from "../execute/wait.ts";
import { readRecord, writeRecord } from "./addon-record.ts";
import { objectPaths } from "./object-paths.ts";
import { podTrouble } from "./pod-trouble.ts";
import { rolloutOf, type Workload } from "./rollout.ts";
import { defineStep } from "./step.ts";

export interface WaitForRolloutParams {
  readonly addon: string;
  /** Of the objects that were applied; the record of others is left alone. */
  readonly digest: string;
  /** And the APIServices that they answer for. */
  readonly workloads: readonly ObjectRef[];
  readonly limitMs?: number;
}

/** Waits until the pods of an addon are those that are wanted, run and are asked, and notes that they do. */
export const waitForRollout = defineStep<WaitForRolloutParams>("wait-for-rollout", {
  title: ({ addon }) => `wait until ${addon} runs`,

  async run({ addon, digest, workloads, limitMs = ROLLOUT_LIMIT_MS }, context) {
    const pathOf = objectPaths(context);
    const places = (await Promise.all(workloads.map(pathOf))).filter((place) => place !== undefined);
    const options = { intervalMs: 1000, limitMs, context, hint: hintFor(workloads) };
    await until(`${addon} to run`, (signal) => firstThatLacks(places, { context, signal }), options);

    const record = await readRecord(addon, context);
    if (record === undefined || record.isRolledOut || record.digest !== digest) return "unchanged";
    await writeRecord({ ...record, isRolledOut: true }, context);
    return "changed";
  },
});

/** Images may have to be pulled, one node after another. */
const ROLLOUT_LIMIT_MS = 600_000;

const hintFor = ([first]: readonly ObjectRef[]): string =>
  `See what its pods say: kubectl describe pods${first?.namespace === undefined ? "" : ` --namespace ${first.namespace}`}`;

interface Look {
  readonly context: Context;
  readonly signal: AbortSignal;
}

/** The rollout that has not arrived, the first if there are several, and what one of its pods says. */
async function firstThatLacks(places: readonly PlacedRef[], { context, signal }: Look): Promise<Probe<undefined>> {
  const kube = await context.kube();
  const nodes = places.some(({ ref }) => ref.kind === "DaemonSet") ? await kube.nodes({ signal }) : [];
  const silentNodes = nodes.filter(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "Unknown"),
  ).length;
  const seen = await Promise.all(
    places.map(async ({ ref, path }) => {
      const workload = await kube.request<Workload>("GET", path, { doing: `look at ${refText(ref)}`, signal });
      return { ref, workload, probe: workload && rolloutOf(workload, { silentNodes }) };
    }),
  );
  for (const { ref, workload, probe } of seen) {
    const what = refText(ref);
    if (probe === undefined) return { done: false, lastAnswer: `there is no ${what}` };
    if (probe.done) continue;
    const labels = Object.entries(workload?.spec?.selector?.matchLabels ?? {}).map(
      ([name, value]) => `${name}=${value}`,
    );
    // Without a label this would list all pods there are.
    const pods =
      labels.length === 0
        ? []
        : await kube.podsWith(labels.join(","), { namespace: ref.namespace ?? "default", signal });
    return { done: false, lastAnswer: [`${what}: ${probe.lastAnswer}`, podTrouble(pods)].filter(Boolean).join("; ") };
  }
  return { done: true, value: undefined };
}
