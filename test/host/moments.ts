import type { Fleet } from "../fleet/fleet.ts";
import type { FleetEvent } from "../fleet/journal.ts";
import { all, type Roles } from "./on-fleet.ts";

/** Something that a creation does. */
export interface Moment {
  readonly phase: string;
  readonly isReached: (event: FleetEvent) => boolean;
  /** Those that it takes to see it. */
  readonly nodes: Readonly<Record<string, Roles>>;
}

const creates =
  (name: string): Moment["isReached"] =>
  ({ kind, what }) =>
    kind === "container created" && what === name;

const writesCa: Moment["isReached"] = ({ kind, what }) => kind.startsWith("file ") && what.endsWith("/kube-ca.pem");

const nodes = { "node-1": all };

/** One of each phase, in their order. */
export const moments: readonly Moment[] = [
  { phase: "pulls images", isReached: ({ kind }) => kind === "image pulled", nodes },
  { phase: "tries ports", isReached: creates("pulumi-rke-listener"), nodes: { ...nodes, "node-2": ["worker"] } },
  { phase: "writes files", isReached: writesCa, nodes },
  { phase: "starts etcd", isReached: creates("etcd"), nodes },
  { phase: "starts a control plane", isReached: creates("kube-apiserver"), nodes },
  { phase: "starts a worker", isReached: creates("kubelet"), nodes },
  { phase: "registers nodes", isReached: ({ kind }) => kind === "node registered", nodes },
];

/** Right after that moment the machines are lost; they answer again when they are revived. */
export function loseAt({ isReached }: Moment, { journal, faults }: Fleet): void {
  const stop = journal.onEvent((event) => {
    if (!isReached(event)) return;
    stop();
    faults.dieAfter(1);
  });
}
