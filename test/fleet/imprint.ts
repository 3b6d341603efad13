import type { ContainerSpec } from "./container-spec.ts";
import type { HostFile } from "./disk.ts";
import { EtcdCluster, type KeyValue, type MemberRecord } from "./etcd-cluster.ts";
import { aFleet, type Fleet, type FleetOptions } from "./fleet.ts";
import type { Image, Machine, MachineOptions } from "./machine.ts";

/** What a fleet is made of while nothing goes on: enough to make another one that nobody can tell apart. */
export interface Imprint {
  readonly machines: readonly MachineImprint[];
  readonly clusters: readonly ClusterImprint[];
}

interface MachineImprint extends MachineOptions {
  readonly files: readonly (readonly [path: string, file: HostFile])[];
  readonly images: readonly Image[];
  readonly containers: readonly { readonly name: string; readonly spec: ContainerSpec; readonly isRunning: boolean }[];
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
}

/** Takes the imprint of a fleet; what runs is started again in each copy. */
export function imprintOf({ world }: Fleet): Imprint {
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
    })),
  };
}

function machineImprint(machine: Machine): MachineImprint {
  const { name, address, hostname, machineId, internalAddress, engine, kernel, clockOffsetMs, disk } = machine;
  return {
    ...{ name, address, hostname, machineId, internalAddress, engine, kernel, clockOffsetMs },
    files: disk.list("/").flatMap((path) => {
      const file = disk.stat(path);
      return file === undefined ? [] : [[path, file] as const];
    }),
    images: [...machine.images.values()],
    containers: [...machine.containers.values()].map(({ name, spec, isRunning }) => ({ name, spec, isRunning })),
  };
}

/** Makes a fleet like the one that the imprint is of. Its journal is empty: nothing has happened to it yet. */
export async function aFleetLike(imprint: Imprint, options: Omit<FleetOptions, "nodes"> = {}): Promise<Fleet> {
  const fleet = await aFleet({ ...options, nodes: imprint.machines });
  const { world, journal } = fleet;
  for (const cluster of imprint.clusters) world.etcdClusters.set(cluster.lineage, clusterLike(cluster, world));
  for (const machine of imprint.machines) furnish(fleet.node(machine.name).machine, machine);
  // etcd before API servers before kubelets, on all machines, as they would find one another after a long time.
  for (const isInRound of rounds) {
    const started = imprint.machines.flatMap(({ name: machine, containers }) =>
      containers
        .filter(({ name, isRunning }) => isRunning && isInRound(name))
        .flatMap(({ name }) => fleet.node(machine).machine.find(name) ?? []),
    );
    for (const container of started) container.start("world");
    await Promise.all(started.map(({ name, machine }) => served(name, machine)));
  }
  registerNodes(fleet);
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
  for (const { name, spec } of containers) machine.create({ name, spec });
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
