import { aFleet, type Fleet } from "../fleet/fleet.ts";
import type { FleetEvent } from "../fleet/journal.ts";
import { clusterProgram, type Roles } from "./cluster-program.ts";
import { aStack, type EngineStack } from "./stack.ts";

type IsReached = (event: FleetEvent) => boolean;
type Nodes = Readonly<Record<string, Roles>>;

const alone: Nodes = { "node-1": ["etcd", "controlplane", "worker"] };
const twoNodes: Nodes = { ...alone, "node-2": ["worker"] };

const creates =
  (name: string): IsReached =>
  ({ kind, what }) =>
    kind === "container created" && what === name;

const writesCa: IsReached = ({ kind, what }) => kind.startsWith("file ") && what.endsWith("/kube-ca.pem");

/** Something that a creation does in each of its phases, in their order, and the nodes that it takes to see it. */
export const moments: readonly (readonly [phase: string, isReached: IsReached, nodes: Nodes])[] = [
  ["pulls images", ({ kind }) => kind === "image pulled", alone],
  ["tries ports", creates("pulumi-rke-listener"), twoNodes],
  ["writes files", writesCa, alone],
  ["starts etcd", creates("etcd"), alone],
  ["starts a control plane", creates("kube-apiserver"), alone],
  ["starts a worker", creates("kubelet"), alone],
  ["registers nodes", ({ kind }) => kind === "node registered", alone],
];

interface Creation {
  readonly isReached: IsReached;
  readonly nodes: Nodes;
  /** Of the test, which closes what has been made for it. */
  readonly onTestFinished: (close: () => Promise<void>) => void;
}

interface Created {
  readonly fleet: Fleet;
  readonly stack: EngineStack;
}

/** A creation that loses its machines right after that moment; afterwards they answer again. */
export async function failedCreation({ isReached, nodes, onTestFinished }: Creation): Promise<Created> {
  const fleet = await aFleet({ nodes: Object.keys(nodes).length });
  onTestFinished(() => fleet.close());
  const stack = await aStack({ program: clusterProgram(fleet, { nodes }) });
  onTestFinished(() => stack.close());
  const stopListening = fleet.journal.onEvent((event) => {
    if (!isReached(event)) return;
    stopListening();
    fleet.faults.dieAfter(1);
  });
  const { failure } = await stack.up();
  stopListening();
  if (!fleet.faults.isDead) throw new Error("The creation came to its end and never to that moment");
  if (failure === undefined) throw new Error("The creation did not fail");
  fleet.revive();
  return { fleet, stack };
}
