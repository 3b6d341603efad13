import { expect } from "vitest";

import type { Run } from "../engine/run.ts";
import { aStack, type EngineStack } from "../engine/stack.ts";
import { type Kubectl, kubectlWith } from "./kubectl.ts";
import { nodeAddress, onNode } from "./machines.ts";
import { labProgram, type Wanted } from "./program.ts";

/** A cluster on real machines, under the real engine. */
export interface LabCluster {
  readonly stack: EngineStack;
  /** Brings a program about, and sees that nothing is left to do. */
  apply(wanted: Wanted): Promise<Run>;
  /** Starts on a program and does not mind how it ends. */
  begin(wanted: Wanted): Promise<Run>;
  /** Takes it away, and throws what was printed when that fails. */
  destroy(): Promise<void>;
  /** As of the last `apply`. */
  kubeconfig(): string;
  readonly kubectl: Kubectl;
  /** The version of each node that is Ready. */
  versions(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function aLabCluster(): Promise<LabCluster> {
  const stack = await aStack({ program: labProgram({ nodes: {} }), isOrdinary: true });
  let kubeconfig = "";
  let connected: Kubectl | undefined;
  const kubectl = (): Kubectl => {
    if (connected === undefined) throw new Error("There is no cluster to ask");
    return connected;
  };
  return {
    stack,
    async apply(wanted) {
      stack.write(labProgram(wanted));
      const up = await stack.up();
      if (up.failure !== undefined) throw new Error(up.printed);
      expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
      kubeconfig = String(up.outputs.kubeconfig);
      connected?.close();
      connected = kubectlWith(kubeconfig, { server: `https://${nodeAddress(controlPlaneOf(wanted))}:6443` });
      return up;
    },
    begin(wanted) {
      stack.write(labProgram(wanted));
      return stack.up();
    },
    async destroy() {
      const { failure, printed } = await stack.destroy();
      if (failure !== undefined) throw new Error(printed);
    },
    kubeconfig: () => kubeconfig,
    get kubectl() {
      return kubectl();
    },
    versions: () => versionsIn(kubectl()("get", "nodes", "-o", "json")),
    async close() {
      connected?.close();
      await stack.close();
    },
  };
}

function controlPlaneOf({ nodes }: Wanted): number {
  const [first] = Object.keys(nodes)
    .map(Number)
    .filter((index) => nodes[index]?.includes("controlplane"));
  if (first === undefined) throw new Error("There is no control plane in the program");
  return first;
}

function versionsIn(json: string): Readonly<Record<string, string>> {
  const nodes: NodeList = JSON.parse(json);
  const ready = nodes.items.filter(({ status }) =>
    status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True"),
  );
  return Object.fromEntries(ready.map(({ metadata, status }) => [metadata.name, status.nodeInfo.kubeletVersion]));
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly conditions: readonly { readonly type: string; readonly status: string }[];
      readonly nodeInfo: { readonly kubeletVersion: string };
    };
  }[];
}

/** The containers that run on a machine, by name and by id; those of pods left out. */
export const containersOf = (index: number): string =>
  onNode(index, "docker ps --format '{{.Names}} {{.ID}}' | grep -v ^k8s_ | sort");

/** The machines with members of etcd, as etcd's own tool on one of them lists them. */
export function membersSeenBy(index: number): readonly string[] {
  const list = onNode(index, "docker exec etcd etcdctl member list");
  return list
    .trim()
    .split("\n")
    .map((line) => line.split(", ")[2]?.replace(/^etcd-/, "") ?? "")
    .sort();
}
