import { setTimeout as after } from "node:timers/promises";

import { type Kubectl, kubectlWith } from "../../lab/kubectl.ts";
import { apiName, nodeAddress } from "../../lab/machines.ts";
import { aProber, type Seen } from "../../lab/prober.ts";
import type { Wanted } from "../../lab/program.ts";
import { deployWeb, webOn } from "../../lab/web.ts";
import type { Scenario } from "./scenarios.ts";
import type { Tool } from "./tool.ts";

export interface Measured {
  readonly seconds: number;
  /** Until the last node was Ready, where that is what a scenario brings about. */
  readonly readySeconds?: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly seen?: readonly Seen[];
}

/** Runs scenarios one after another on the machines of the lab, with one tool. */
export async function measure(
  tool: Tool,
  scenarios: readonly Scenario[],
  say: (text: string) => void,
): Promise<Readonly<Record<string, Measured>>> {
  let now: Wanted | undefined;
  const bring = async (wanted: Wanted | undefined): Promise<void> => {
    if (wanted !== undefined) await tool.apply(wanted);
    else if (now !== undefined) await tool.destroy();
    now = wanted;
  };
  const measured: Record<string, Measured> = {};
  for (const { name, from, to, isProbed = false, isLook = false } of scenarios) {
    if (JSON.stringify(now) !== JSON.stringify(from)) {
      say(`${tool.name}: getting ready for ${name}`);
      await bring(from);
    }
    if (from !== undefined) await settled(tool);
    const watching = isProbed && from !== undefined ? await watch(tool, from) : undefined;
    const startedAtMs = Date.now();
    await (isLook ? tool.look() : bring(to));
    const endedAtMs = Date.now();
    const seconds = rounded(endedAtMs - startedAtMs);
    const seen = await watching?.stop();
    const readySeconds = from === undefined ? rounded((await lastReadyMs(tool)) - startedAtMs) : undefined;
    measured[name] = {
      seconds,
      startedAtMs,
      endedAtMs,
      ...(readySeconds !== undefined && { readySeconds }),
      ...(seen && { seen }),
    };
    say(
      `${tool.name}: ${name} took ${seconds} s${readySeconds === undefined ? "" : `, nodes Ready after ${readySeconds} s`}`,
    );
  }
  return measured;
}

/** What a change has set going goes on after it, on the processors that the next one is timed on. */
async function settled(tool: Tool): Promise<void> {
  await asking(tool, async (kubectl) => {
    kubectl("wait", "pods", "--all", "--all-namespaces", "--for", "condition=Ready", "--timeout", "120s");
  });
  await after(settlingMs);
}

const settlingMs = 15_000;

const rounded = (ms: number): number => Math.round(ms / 100) / 10;

/** Asks what people ask: the API by a name of several addresses, each API server, and a workload on each node. */
async function watch(tool: Tool, { nodes }: Wanted): Promise<{ stop(): Promise<readonly Seen[]> }> {
  const indices = Object.keys(nodes).map(Number);
  const servers = indices.filter((index) => nodes[index]?.includes("controlplane"));
  await asking(tool, (kubectl) => deployWeb(kubectl, indices.map(nodeAddress)));
  const api = (host: string): string => `https://${host}:6443/api/v1/namespaces/default`;
  return aProber({
    kubeconfig: tool.kubeconfig(),
    targets: {
      "api by name": api(apiName),
      ...Object.fromEntries(servers.map((index) => [`api of node${index}`, api(nodeAddress(index))])),
      ...Object.fromEntries(indices.map((index) => [`web on node${index}`, webOn(nodeAddress(index))])),
    },
  });
}

/** When the last node became Ready, by the kubelets' own word. All machines have one clock. */
async function lastReadyMs(tool: Tool): Promise<number> {
  const times = `{range .items[*]}{.status.conditions[?(@.type=="Ready")].lastTransitionTime}{"\\n"}{end}`;
  const words = await asking(tool, async (kubectl) => kubectl("get", "nodes", "-o", `jsonpath=${times}`));
  return Math.max(
    ...words
      .trim()
      .split("\n")
      .map((time) => Date.parse(time)),
  );
}

/** By an address, since this machine does not ask the lab's DNS. */
async function asking<T>(tool: Tool, ask: (kubectl: Kubectl) => Promise<T>): Promise<T> {
  const kubectl = kubectlWith(tool.kubeconfig(), { server: `https://${nodeAddress(1)}:6443` });
  try {
    return await ask(kubectl);
  } finally {
    kubectl.close();
  }
}
