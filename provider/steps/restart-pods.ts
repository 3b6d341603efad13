import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import type { Pod } from "../hosts/kube-objects.ts";
import { apiPatienceMs } from "./kube-node.ts";
import { defineStep } from "./step.ts";

export interface RestartPodsParams {
  /** Labels of pods that watch the API for the whole cluster: `k8s-app=canal`. */
  readonly labels: readonly string[];
  /** Pods that were made later know what they should. ISO 8601. */
  readonly before: string;
  readonly because: string;
}

/** Deletes pods that their controllers make again, so that they read anew what they believe to know. */
export const restartPods = defineStep<RestartPodsParams>("restart-pods", {
  title: ({ because }) => `restart the pods of network, DNS, ingress and metrics, because ${because}`,

  async run({ labels, before }, context) {
    const counts = await Promise.all(labels.map((label) => restart(label, before, context)));
    return counts.some((count) => count > 0) ? "changed" : "unchanged";
  },
});

async function restart(label: string, before: string, context: Context): Promise<number> {
  const what = `restart the pods with ${label}`;
  const attempt = async (): Promise<number> => {
    const signal = withDeadline(context.signal, apiPatienceMs, what);
    const kube = await context.kube();
    const pods = await kube.podsWith(label, { doing: what, signal });
    const old = pods.filter(({ metadata }) => isOlder(metadata, before));
    await Promise.all(
      old.map(({ metadata: { name, namespace = "default" } }) =>
        kube.delete(`/api/v1/namespaces/${namespace}/pods/${name}`, { signal }),
      ),
    );
    return old.length;
  };
  return retry(what, attempt, { context, attempts: 5 });
}

const isOlder = ({ creationTimestamp, deletionTimestamp }: Pod["metadata"], time: string): boolean =>
  deletionTimestamp === undefined &&
  (creationTimestamp === undefined || Date.parse(creationTimestamp) < Date.parse(time));
