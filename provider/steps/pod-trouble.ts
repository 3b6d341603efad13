import type { Pod } from "../hosts/kube-objects.ts";

/** What keeps the first of some pods that says so from running, in the words of who starts it. */
export function podTrouble(pods: readonly Pod[]): string | undefined {
  const present = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  for (const pod of present) {
    const why = whyNot(pod);
    if (why !== undefined) return `${pod.metadata.name}: ${why.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST)}`;
  }
  return undefined;
}

const LONGEST = 300;

function whyNot({ status }: Pod): string | undefined {
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  if (unscheduled !== undefined)
    return `no node takes it, ${unscheduled.message ?? unscheduled.reason ?? "unsaid why"}`;
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const { name, state, lastState } = container;
    const waiting = state?.waiting;
    if (waiting === undefined || onItsWay.has(waiting.reason ?? "")) continue;
    const ended = lastState?.terminated;
    const before = ended === undefined ? "" : `, it ended with code ${ended.exitCode}`;
    return `${name} waits${before}, ${[waiting.reason, waiting.message].filter(Boolean).join(": ")}`;
  }
  return undefined;
}

/** What every container waits for at first. */
const onItsWay = new Set(["", "ContainerCreating", "PodInitializing"]);
