import { apiName } from "../../lab/machines.ts";
import type { Roles, Wanted } from "../../lab/program.ts";

/** One change of a cluster that is timed. The change that leads there from whatever was before is not. */
export interface Scenario {
  readonly name: string;
  readonly from: Wanted | undefined;
  /** Undefined takes the cluster away. */
  readonly to: Wanted | undefined;
  /** Whether the API and a workload are asked all the time meanwhile. */
  readonly isProbed?: boolean;
  /** Nothing is changed: the tool looks at all machines. */
  readonly isLook?: boolean;
}

const all: Roles = ["etcd", "controlplane", "worker"];
const worker: Roles = ["worker"];

export const versions = ["v1.31.4-rancher1-1", "v1.32.2-rancher1-1"] as const;
const [before, after] = versions;

const three = { 1: all, 2: all, 3: all };
const four = { ...three, 4: worker };
const five = { ...four, 5: worker };

/** With flannel, CoreDNS and metrics-server, as a cluster is made when nobody says otherwise, and no ingress. */
const clusterOf = (kubernetesVersion: string, nodes: Wanted["nodes"]): Wanted => ({
  kubernetesVersion,
  nodes,
  endpoint: apiName,
});

/** The same as those of the peer's figures, in an order in which little has to be done in between. */
export const scenarios: readonly Scenario[] = [
  { name: "create1", from: undefined, to: clusterOf(before, { 1: all }) },
  { name: "create3", from: undefined, to: clusterOf(before, three) },
  { name: "addWorker", from: clusterOf(before, four), to: clusterOf(before, five), isProbed: true },
  { name: "noop", from: clusterOf(before, five), to: clusterOf(before, five) },
  { name: "look", from: clusterOf(before, five), to: clusterOf(before, five), isLook: true },
  { name: "removeWorker", from: clusterOf(before, five), to: clusterOf(before, four) },
  { name: "upgrade", from: clusterOf(before, five), to: clusterOf(after, five), isProbed: true },
  { name: "destroy", from: clusterOf(after, five), to: undefined },
];
