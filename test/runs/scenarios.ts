import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { aFleetLike, type Imprint, imprintOf } from "../fleet/imprint.ts";
import { type Applied, Cluster, type Restore } from "./cluster.ts";
import { nodeWith, type Roles } from "./operation-on.ts";
import { fetched, put, remove, snapshotOf } from "./snapshots.ts";

/** A change of a cluster, from a state that was reached before to one that is wanted. */
export interface Scenario {
  readonly name: string;
  readonly machines: number;
  /** Arguments of the cluster that is there; absent where there is none. */
  readonly before?: object;
  /** Arguments that are wanted; absent where the cluster is to be removed. */
  readonly after?: object;
  /** A snapshot is restored that was taken when the cluster had come about, and before something else was written. */
  readonly restores?: true;
  /** Such a restore was begun, could not start etcd, and is not asked for any more. */
  readonly gaveUpRestore?: true;
  /** Machines on which a container of Kubernetes or etcd is made, stopped or removed. All others feel nothing. */
  readonly touches: readonly number[];
}

const all: Roles = ["etcd", "controlplane", "worker"];
const servers: Roles = ["etcd", "controlplane"];
const etcd: Roles = ["etcd"];
const controlPlane: Roles = ["controlplane"];
const worker: Roles = ["worker"];

const nodes = (roles: Readonly<Record<number, Roles>>) => ({
  nodes: Object.entries(roles).map(([index, role]) => nodeWith(Number(index), role)),
});

const planes = nodes({ 1: etcd, 2: controlPlane, 3: worker });

export const scenarios: readonly Scenario[] = [
  { name: "create one node", machines: 1, after: nodes({ 1: all }), touches: [1] },
  { name: "create three nodes", machines: 3, after: nodes({ 1: all, 2: all, 3: all }), touches: [1, 2, 3] },
  {
    name: "create three servers and two workers",
    machines: 5,
    after: nodes({ 1: servers, 2: servers, 3: servers, 4: worker, 5: worker }),
    touches: [1, 2, 3, 4, 5],
  },
  { name: "create separate planes", machines: 3, after: planes, touches: [1, 2, 3] },
  {
    name: "add a worker",
    machines: 3,
    before: nodes({ 1: all, 2: worker }),
    after: nodes({ 1: all, 2: worker, 3: worker }),
    touches: [3],
  },
  {
    name: "remove a worker",
    machines: 3,
    before: nodes({ 1: all, 2: worker, 3: worker }),
    after: nodes({ 1: all, 2: worker }),
    touches: [3],
  },
  {
    name: "add a control plane",
    machines: 4,
    before: planes,
    after: nodes({ 1: etcd, 2: controlPlane, 3: worker, 4: controlPlane }),
    touches: [1, 2, 3, 4],
  },
  {
    name: "remove a control plane",
    machines: 4,
    before: nodes({ 1: etcd, 2: controlPlane, 3: worker, 4: controlPlane }),
    after: planes,
    touches: [1, 2, 3, 4],
  },
  {
    name: "add two etcd nodes",
    machines: 5,
    before: planes,
    after: nodes({ 1: etcd, 2: controlPlane, 3: worker, 4: etcd, 5: etcd }),
    touches: [2, 4, 5],
  },
  {
    name: "remove two etcd nodes",
    machines: 5,
    before: nodes({ 1: etcd, 2: controlPlane, 3: worker, 4: etcd, 5: etcd }),
    after: planes,
    touches: [2, 4, 5],
  },
  {
    name: "upgrade to a patch release",
    machines: 3,
    before: { kubernetesVersion: "v1.31.4-rancher1-1", ...nodes({ 1: all, 2: worker, 3: worker }) },
    after: { kubernetesVersion: "v1.31.6-rancher1-1", ...nodes({ 1: all, 2: worker, 3: worker }) },
    touches: [1, 2, 3],
  },
  {
    name: "upgrade to a minor release",
    machines: 3,
    before: { kubernetesVersion: "v1.31.4-rancher1-1", ...nodes({ 1: all, 2: all, 3: all }) },
    after: { kubernetesVersion: "v1.32.2-rancher1-1", ...nodes({ 1: all, 2: all, 3: all }) },
    touches: [1, 2, 3],
  },
  {
    name: "give kubelets an argument, one node drained at a time",
    machines: 3,
    before: { upgradeStrategy: { drain: true }, ...nodes({ 1: servers, 2: worker, 3: worker }) },
    after: {
      upgradeStrategy: { drain: true },
      services: { kubelet: { extraArgs: { "max-pods": "200" } } },
      ...nodes({ 1: servers, 2: worker, 3: worker }),
    },
    touches: [1, 2, 3],
  },
  {
    name: "replace an etcd node",
    machines: 4,
    before: nodes({ 1: all, 2: all, 3: all }),
    after: nodes({ 1: all, 2: all, 4: all }),
    touches: [1, 2, 3, 4],
  },
  {
    name: "replace all etcd nodes",
    machines: 5,
    before: nodes({ 1: etcd, 2: etcd, 3: servers }),
    after: nodes({ 3: controlPlane, 4: etcd, 5: etcd }),
    touches: [1, 2, 3, 4, 5],
  },
  {
    name: "replace every node",
    machines: 4,
    before: nodes({ 1: all, 2: all }),
    after: nodes({ 3: all, 4: all }),
    touches: [1, 2, 3, 4],
  },
  {
    name: "make a worker a server",
    machines: 2,
    before: nodes({ 1: all, 2: worker }),
    after: nodes({ 1: all, 2: all }),
    touches: [1, 2],
  },
  {
    name: "make a server a worker",
    machines: 2,
    before: nodes({ 1: all, 2: all }),
    after: nodes({ 1: all, 2: worker }),
    touches: [1, 2],
  },
  {
    name: "move the API server to another machine",
    machines: 3,
    before: nodes({ 1: servers, 2: worker, 3: worker }),
    after: nodes({ 1: etcd, 2: controlPlane, 3: worker }),
    touches: [1, 2, 3],
  },
  {
    name: "give a server and a worker other names",
    machines: 3,
    before: nodes({ 1: all, 2: worker, 3: worker }),
    after: {
      nodes: [
        { ...nodeWith(1, all), hostnameOverride: "first" },
        nodeWith(2, worker),
        { ...nodeWith(3, worker), hostnameOverride: "third" },
      ],
    },
    touches: [1, 3],
  },
  {
    name: "let etcd run as another user",
    machines: 2,
    before: { services: { etcd: { uid: 52034, gid: 52034 } }, ...nodes({ 1: all, 2: worker }) },
    after: { services: { etcd: { uid: 1000, gid: 1000 } }, ...nodes({ 1: all, 2: worker }) },
    touches: [1],
  },
  {
    name: "take snapshots by a schedule",
    machines: 2,
    before: nodes({ 1: all, 2: worker }),
    after: { services: { etcd: { backupConfig: { schedule: "0 3 * * *" } } }, ...nodes({ 1: all, 2: worker }) },
    touches: [1],
  },
  {
    name: "deploy addons",
    machines: 2,
    before: nodes({ 1: all, 2: worker }),
    after: { ...nodes({ 1: all, 2: worker }), network: { plugin: "flannel" }, dns: { provider: "kube-dns" } },
    touches: [],
  },
  {
    name: "change an addon, and put another in the place of a third",
    machines: 1,
    before: { ...nodes({ 1: all }), dns: { provider: "kube-dns" }, monitoring: { provider: "metrics-server" } },
    after: {
      ...nodes({ 1: all }),
      dns: { provider: "coredns" },
      monitoring: { provider: "metrics-server", replicas: 2 },
    },
    touches: [],
  },
  {
    name: "restore a snapshot",
    machines: 4,
    before: nodes({ 1: all, 2: all, 3: all, 4: worker }),
    after: nodes({ 1: all, 2: all, 3: all, 4: worker }),
    restores: true,
    touches: [1, 2, 3, 4],
  },
  {
    name: "restore a snapshot with fewer members",
    machines: 3,
    before: nodes({ 1: all, 2: all, 3: servers }),
    after: nodes({ 2: all }),
    restores: true,
    touches: [1, 2, 3],
  },
  {
    name: "restore a snapshot on other machines",
    machines: 5,
    before: nodes({ 1: all, 2: servers, 3: worker }),
    after: nodes({ 4: all, 5: servers, 3: worker }),
    restores: true,
    touches: [1, 2, 3, 4, 5],
  },
  {
    name: "give up a restore that has come halfway",
    machines: 3,
    before: nodes({ 1: all, 2: all, 3: all }),
    after: nodes({ 1: all, 2: all, 3: all }),
    gaveUpRestore: true,
    touches: [1, 2, 3],
  },
  {
    name: "remove a cluster",
    machines: 3,
    before: nodes({ 1: all, 2: all, 3: worker }),
    touches: [1, 2, 3],
  },
];

/** A fleet on which the first half of a scenario has happened, as often as it is wanted. */
export interface Stage {
  readonly imprint: Imprint;
  readonly applied: Applied;
  readonly restore?: Restore | undefined;
}

/** Plays the first half of a scenario. */
export async function staged({ machines, before, restores, gaveUpRestore }: FirstHalf): Promise<Stage> {
  const fleet = await aFleet({ nodes: machines });
  try {
    if (before === undefined) return { imprint: imprintOf(fleet), applied: {} };
    const cluster = new Cluster(fleet, before);
    await cluster.up();
    const restore = restores || gaveUpRestore ? anotherTime(fleet) : undefined;
    if (gaveUpRestore) await failToRestore(cluster, restore);
    fleet.invariants.assertHeld();
    return { imprint: imprintOf(fleet), applied: cluster.applied, ...(restores && { restore }) };
  } finally {
    await fleet.close();
  }
}

type FirstHalf = Pick<Scenario, "machines" | "before" | "restores" | "gaveUpRestore">;

/** Writes something, takes a snapshot, and writes something else. */
function anotherTime(fleet: Fleet): Restore {
  put(fleet, "kept");
  const snapshot = snapshotOf(fleet, "before");
  put(fleet, "late");
  remove(fleet, "kept");
  return { order: { name: "before", isDone: false }, snapshot: async () => fetched(snapshot) };
}

/** One of three members does not start, so that the run stops when all data have been exchanged. */
async function failToRestore(cluster: Cluster, restore: Restore | undefined): Promise<void> {
  const { faults } = cluster.fleet;
  const heal = faults.refuse(500, "no", { node: "node-3", what: /^POST \/containers\/etcd\/start/ });
  cluster.restore = restore;
  const failure = await cluster.up().then(
    () => undefined,
    (error: Error) => error,
  );
  heal();
  cluster.restore = undefined;
  if (failure?.message.includes("etcd") !== true) throw new Error(`The restore was to fail: ${failure?.message}`);
}

/** Puts a fleet on the stage, and on it the cluster as it is wanted in the end. */
export async function enter(
  { imprint, applied, restore }: Stage,
  { before, after }: Pick<Scenario, "before" | "after">,
): Promise<{ readonly fleet: Fleet; readonly cluster: Cluster }> {
  const fleet = await aFleetLike(imprint);
  fleet.invariants.maxUnavailableWorkers = 1;
  const cluster = new Cluster(fleet, after ?? before ?? {}, applied);
  cluster.restore = restore;
  return { fleet, cluster };
}

/** Plays the second half. */
export async function play(cluster: Cluster, { after }: Pick<Scenario, "after">) {
  return after === undefined ? cluster.down() : cluster.up();
}
