import type { Context } from "../execute/context.ts";
import { type Probe, until } from "../execute/wait.ts";
import type { Kube } from "../hosts/kube.ts";
import { defineStep } from "./step.ts";

export interface WaitForNodeReadyParams {
  /** Of the Node object. */
  readonly name: string;
  /** Also that it is this version's kubelet that says so: `v1.31.4`. */
  readonly kubeletVersion?: string;
  /**
   * Address of its machine. When it is given, the kubelet must have been heard since its container started: the API server
   * believes what an earlier one has said for about 40 seconds.
   */
  readonly node?: string;
  readonly limitMs?: number;
}

/** Waits until a node is Ready, on the word of the kubelet that runs now. */
export const waitForNodeReady = defineStep<WaitForNodeReadyParams>("wait-for-node-ready", {
  title: ({ name, kubeletVersion }) =>
    `wait until ${name} is Ready${kubeletVersion === undefined ? "" : ` with ${kubeletVersion}`}`,
  alongside: () => "waits",

  async run(params, context) {
    const { name, node, limitMs = 300_000 } = params;
    const heardSinceMs = node === undefined ? undefined : await kubeletStartedAtMs(node, context);
    await until(`${name} to be Ready`, () => look(params, { context, heardSinceMs }), {
      intervalMs: 1000,
      limitMs,
      context,
      node,
      hint: `See what the kubelet says (docker logs kubelet), and "kubectl describe node ${name}"`,
    });
    return "unchanged";
  },
});

async function kubeletStartedAtMs(node: string, context: Context): Promise<number | undefined> {
  const kubelet = await context.docker(node).inspect("kubelet", { signal: context.signal });
  return kubelet === undefined ? undefined : Date.parse(kubelet.State.StartedAt);
}

async function look(
  { name, kubeletVersion }: WaitForNodeReadyParams,
  { context, heardSinceMs }: { context: Context; heardSinceMs: number | undefined },
): Promise<Probe<true>> {
  const { signal } = context;
  const kube = await context.kube();
  const [node, renewedAtMs] = await Promise.all([
    kube.node(name, { signal }),
    heardSinceMs === undefined ? undefined : leaseRenewedAtMs(kube, name, signal),
  ]);
  if (node === undefined) return { done: false, lastAnswer: "the node has not registered" };
  const version = node.status?.nodeInfo?.kubeletVersion ?? "none";
  if (kubeletVersion !== undefined && version !== kubeletVersion) {
    return { done: false, lastAnswer: `its kubelet is ${version}` };
  }
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") {
    return {
      done: false,
      lastAnswer: `Ready is ${ready?.status ?? "not known"} (${ready?.reason ?? "no reason given"})`,
    };
  }
  if (heardSinceMs !== undefined && renewedAtMs !== undefined && renewedAtMs <= heardSinceMs) {
    return { done: false, lastAnswer: "nothing heard of the kubelet since it was started" };
  }
  return { done: true, value: true };
}

/** Both this and the start of the container are by the machine's own clock. Before Kubernetes 1.14 there is no lease. */
async function leaseRenewedAtMs(kube: Kube, name: string, signal: AbortSignal): Promise<number | undefined> {
  const lease = await kube.nodeLease(name, { signal });
  if (lease === undefined) return undefined;
  return Date.parse(lease.spec.renewTime ?? "") || 0;
}
