import { type ContainerImprint, isOfRunning } from "./container.ts";
import type { HostFile } from "./disk.ts";
import { EtcdCluster, type KeyValue, type MemberRecord } from "./etcd-cluster.ts";
import { dataFile, holds, readData } from "./etcd-data.ts";
import { aFleet, type Fleet, type FleetOptions } from "./fleet.ts";
import type { Memory } from "./invariants.ts";
import type { Image, Machine, MachineOptions } from "./machine.ts";

/**
 * What a fleet is made of at a moment: enough to make another one that no client can tell apart. What programs were about
 * is not in it; they begin anew, as after a restart of everything that was running.
 */
export interface Imprint {
  readonly machines: readonly MachineImprint[];
  readonly clusters: readonly ClusterImprint[];
  /** What those who keep watch have seen. */
  readonly memory: Memory;
}

interface MachineImprint extends MachineOptions {
  readonly files: readonly (readonly [path: string, file: HostFile])[];
  readonly images: readonly Image[];
  readonly containers: readonly ContainerImprint[];
}

interface ClusterImprint {
  readonly lineage: string;
  readonly id: bigint;
  readonly token: string;
  readonly members: readonly MemberRecord[];
  readonly removed: readonly bigint[];
  readonly store: readonly (readonly [key: string, entry: KeyValue])[];
  readonly revision: number;
  readonly term: number;
  readonly index: number;
  readonly hasHadQuorum: boolean;
}

/** Takes the imprint of a fleet; what runs is started again in each copy. */
export function imprintOf({ world, invariants }: Fleet): Imprint {
  return {
    machines: world.machines.map(machineImprint),
    clusters: [...world.etcdClusters].map(([lineage, cluster]) => ({
      lineage,
      id: cluster.id,
      token: cluster.token,
      members: [...cluster.members.values()].map((record) => ({ ...record })),
      removed: [...cluster.removed],
      store: [...cluster.store],
      revision: cluster.revision,
      term: cluster.term,
      index: cluster.index,
      hasHadQuorum: cluster.hasHadQuorum,
    })),
    memory: invariants.memory,
  };
}

function machineImprint(machine: Machine): MachineImprint {
  const { name, address, hostname, machineId, internalAddress, engine, kernel, clockOffsetMs, disk } = machine;
  return {
    ...{ name, address, hostname, machineId, internalAddress, engine, kernel, clockOffsetMs },
    files: [...disk.files],
    images: [...machine.images.values()],
    containers: [...machine.containers.values()].map(({ imprint }) => imprint),
  };
}

/** Makes a fleet like the one that the imprint is of. Its journal is empty: nothing has happened to it yet. */
export async function aFleetLike(imprint: Imprint, options: Omit<FleetOptions, "nodes"> = {}): Promise<Fleet> {
  const fleet = await aFleet({ ...options, nodes: imprint.machines });
  const { world, journal } = fleet;
  for (const cluster of imprint.clusters) world.etcdClusters.set(cluster.lineage, clusterLike(cluster, world));
  for (const machine of imprint.machines) furnish(fleet.node(machine.name).machine, machine);
  for (const { machine } of fleet.nodes) findHolders(machine);
  // etcd before API servers before kubelets, on all machines, as they would find one another after a long time.
  for (const isInRound of rounds) {
    const running = imprint.machines.flatMap(({ name: machine, containers }) =>
      containers
        .filter(({ name, status }) => isOfRunning(status) && isInRound(name))
        .flatMap(({ name, startedAt }) => {
          const container = fleet.node(machine).machine.find(name);
          return container === undefined ? [] : [{ container, startedAt }];
        }),
    );
    for (const { container, startedAt } of running) {
      container.start("world");
      container.startedAt = startedAt;
    }
    await Promise.all(running.map(({ container: { name, machine } }) => served(name, machine)));
  }
  registerNodes(fleet);
  for (const { lineage, hasHadQuorum } of imprint.clusters) {
    const cluster = world.etcdClusters.get(lineage);
    if (cluster !== undefined) cluster.hasHadQuorum ||= hasHadQuorum;
  }
  fleet.invariants.recall(imprint.memory);
  journal.events.length = 0;
  return fleet;
}

const rounds: readonly ((name: string) => boolean)[] = [
  (name) => name === "etcd",
  (name) => name === "kube-apiserver",
  (name) => name !== "etcd" && name !== "kube-apiserver",
];

function clusterLike(imprint: ClusterImprint, world: Fleet["world"]): EtcdCluster {
  const cluster = new EtcdCluster(world, imprint.id, imprint.token);
  for (const record of imprint.members) cluster.members.set(record.id, { ...record });
  for (const id of imprint.removed) cluster.removed.add(id);
  for (const [key, entry] of imprint.store) cluster.store.set(key, entry);
  cluster.revision = imprint.revision;
  cluster.term = imprint.term;
  cluster.index = imprint.index;
  return cluster;
}

function furnish(machine: Machine, { files, images, containers }: MachineImprint): void {
  for (const [path, file] of files) machine.disk.place(path, file);
  for (const image of images) {
    machine.images.set(image.reference, image);
    machine.disk.reserve(image.sizeBytes, image.reference);
  }
  for (const container of containers) machine.create(container).resume(container);
}

/** Data of a member lie on a disk whether it runs or not. */
function findHolders({ disk, world }: Machine): void {
  const suffix = dataFile("");
  for (const path of disk.files.keys()) {
    if (!path.endsWith(suffix)) continue;
    const folder = path.slice(0, -suffix.length);
    const { lineage = "", memberId = "0" } = readData(disk, folder) ?? {};
    world.etcdClusters.get(lineage)?.holders.set(BigInt(memberId), () => holds(disk, folder, lineage));
  }
}

/** An API server needs a turn of the event loop before it answers. */
async function served(name: string, { listeners }: Machine): Promise<void> {
  if (name !== "kube-apiserver") return;
  for (let turn = 0; turn < 200 && !listeners.has(6443); turn++) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Those who keep watch have not seen the nodes come. */
function registerNodes({ world }: Fleet): void {
  for (const { store } of world.etcdClusters.values()) {
    for (const key of store.keys()) {
      const [, name] = /^\/registry\/nodes\/([^/]+)$/.exec(key) ?? [];
      if (name !== undefined) world.journal.record({ node: name, kind: "node registered", what: name, by: "world" });
    }
  }
}
