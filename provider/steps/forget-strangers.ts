import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import type { Kube } from "../hosts/kube.ts";
import type { Node } from "../hosts/kube-objects.ts";
import { apiPatienceMs } from "./kube-node.ts";
import { defineStep } from "./step.ts";

export interface ForgetStrangersParams {
  /** Names of the nodes of the cluster. */
  readonly keep: readonly string[];
  /** A kubelet that has shown a sign of life since then is somebody's. ISO 8601. */
  readonly since: string;
}

/**
 * Deletes Node objects that came back with a snapshot and that nobody speaks for: their machines have left the cluster since.
 * What the database says of their health is as old as the rest, so that it is the lease that tells; those of etcd nodes go
 * in any case, since no member is on them.
 */
export const forgetStrangers = defineStep<ForgetStrangersParams>("forget-strangers", {
  title: () => "delete the Nodes of machines that have left the cluster since the snapshot",

  async run({ keep, since }, context) {
    const what = "delete the Nodes of machines that have left";
    const attempt = async () => {
      const signal = withDeadline(context.signal, apiPatienceMs, what);
      const kube = await context.kube();
      const strangers = (await kube.nodes({ signal })).filter(({ metadata }) => !keep.includes(metadata.name));
      const isDead = await Promise.all(strangers.map((node) => isSilent(kube, node, { since, signal })));
      const due = strangers.filter((_, index) => isDead[index]);
      await Promise.all(due.map(({ metadata }) => kube.deleteNode(metadata.name, { signal })));
      tellOfOthers(
        strangers.filter((node) => !due.includes(node)),
        context,
      );
      return due.length > 0 ? "changed" : "unchanged";
    };
    return retry(what, attempt, { context, attempts: 5 });
  },
});

async function isSilent(
  kube: Kube,
  { metadata, status }: Node,
  { since, signal }: { since: string; signal: AbortSignal },
): Promise<boolean> {
  const isReady = status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
  if (!isReady || metadata.labels?.["node-role.kubernetes.io/etcd"] === "true") return true;
  const renewed = (await kube.nodeLease(metadata.name, { signal }))?.spec.renewTime;
  return renewed === undefined || Date.parse(renewed) < Date.parse(since);
}

function tellOfOthers(nodes: readonly Node[], { emit }: Context): void {
  const names = nodes.map(({ metadata }) => metadata.name);
  if (names.length === 0) return;
  const text = `${names.join(", ")}: Nodes that are not in the program, and whose kubelets live; they are left as they are`;
  emit({ kind: "notice", text });
}
