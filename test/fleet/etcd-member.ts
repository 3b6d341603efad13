import { type TlsFiles, whyNotTrusted } from "./certificates.ts";
import { EtcdCluster, type MemberRecord } from "./etcd-cluster.ts";
import { holds, type MemberData, readData, writeData } from "./etcd-data.ts";
import { hash64 } from "./hash64.ts";
import { endpointOf } from "./network.ts";
import type { Process } from "./programs.ts";
import { tryUnfinished } from "./world.ts";

export interface MemberOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly listensOn: { readonly client: number; readonly peer: number };
  /** Name → peer URLs. */
  readonly initialCluster: ReadonlyMap<string, readonly string[]>;
  readonly initialState: "new" | "existing";
  readonly token: string;
  readonly forceNewCluster: boolean;
  readonly version: string;
  readonly peerTls: TlsFiles;
}

/** etcd's last words: the reason why it does not start. */
export class StartRefusal extends Error {}

/** One running etcd process. */
export class EtcdMember {
  readonly id: bigint;
  readonly cluster: EtcdCluster;
  readonly options: MemberOptions;
  readonly process: Process;
  readonly startedAt = performance.now();
  /** A test's switch: never catches up with the leader. */
  isStuck = false;

  constructor(process: Process, options: MemberOptions) {
    this.process = process;
    this.options = options;
    const data = readData(process.files, options.dataDir);
    const { cluster, id, lineage } = data === undefined ? join(process, options) : rejoin(process, options, data);
    this.cluster = cluster;
    this.id = id;
    if (cluster.removed.has(id)) {
      throw new StartRefusal("the member has been permanently removed from the cluster");
    }
    cluster.holders.set(id, () => holds(process.files, options.dataDir, lineage));
    cluster.running.set(id, this);
    process.onEnd(() => {
      if (cluster.running.get(id) === this) cluster.running.delete(id);
      // Followers notice a lost leader at once, so that the election starts now and not when somebody asks.
      cluster.leader();
    });
    cluster.leader();
    cluster.introduce(this);
    tryUnfinished(process.machine.world);
  }

  get record(): MemberRecord | undefined {
    return this.cluster.members.get(this.id);
  }

  get isInSync(): boolean {
    if (this.isStuck) return false;
    return performance.now() - this.startedAt >= this.process.machine.world.pace.syncMs;
  }

  /** Position in the log up to which this member has everything. */
  get appliedIndex(): number {
    return this.isInSync ? this.cluster.index : Math.floor(this.cluster.index / 2);
  }

  /** Whether the two reach and believe each other. */
  talksTo(other: EtcdMember): boolean {
    const { machine } = this.process;
    if (!machine.world.network.connects(machine, other.process.machine)) return false;
    return this.#believes(other) && other.#believes(this);
  }

  #believes(other: EtcdMember): boolean {
    const [url = ""] = other.record?.peerURLs ?? other.options.peerURLs;
    const { host } = endpointOf(url);
    const now = this.process.machine.now();
    return whyNotTrusted(other.options.peerTls.cert, this.options.peerTls.ca, { now, host }) === undefined;
  }

  /** The others have voted it out: the process says so and ends. */
  removed(): void {
    this.process.log(line("error", "server error", "the member has been permanently removed from the cluster"));
    this.process.log(line("warn", "data-dir used by this member must be removed"));
    this.process.exit(0);
  }
}

/** A line as etcd's logger writes it. */
export const line = (level: string, message: string, error?: string): string =>
  JSON.stringify({ level, ts: new Date().toISOString(), msg: message, ...(error !== undefined && { error }) });

interface Place {
  readonly cluster: EtcdCluster;
  readonly id: bigint;
  readonly lineage: string;
}

/** Starts with the data of an earlier life; the `initial-*` flags mean nothing then. */
function rejoin({ machine: { world }, files }: Process, options: MemberOptions, data: MemberData): Place {
  const cluster = world.etcdClusters.get(data.lineage);
  if (cluster === undefined) throw new StartRefusal(`unknown data in ${options.dataDir}`);
  const id = BigInt(data.memberId);
  if (!options.forceNewCluster) return { cluster, id, lineage: data.lineage };

  const lineage = `${data.lineage} forced ${world.etcdClusters.size}`;
  const alone = new EtcdCluster(world, cluster.id, cluster.token);
  for (const [key, value] of cluster.store) alone.store.set(key, value);
  alone.revision = cluster.revision;
  alone.members.set(id, { ...(cluster.members.get(id) ?? freshRecord(id, options.peerURLs)), isLearner: false });
  for (const other of cluster.members.keys()) if (other !== id) alone.removed.add(other);
  world.etcdClusters.set(lineage, alone);
  writeData(files, options.dataDir, { ...data, lineage });
  return { cluster: alone, id, lineage };
}

/** Starts with an empty directory: bootstraps, or joins what its peers say there is. */
function join(process: Process, options: MemberOptions): Place {
  const own = options.initialCluster.get(options.name);
  if (own === undefined) {
    throw new StartRefusal(`couldn't find local name "${options.name}" in the initial cluster configuration`);
  }
  if (!sameUrls(own, options.peerURLs)) {
    const wanted = `--initial-cluster has ${options.name}=${own.join(",")} but missing from --initial-advertise-peer-urls`;
    throw new StartRefusal(`${wanted}=${options.peerURLs.join(",")}`);
  }
  const { cluster, lineage } =
    options.initialState === "existing" ? joined(process, options) : bootstrapped(process, options);
  const record = [...cluster.members.values()].find(({ peerURLs }) => sameUrls(peerURLs, options.peerURLs));
  if (record === undefined)
    throw new StartRefusal("error validating peerURLs: unmatched member while checking PeerURLs");
  writeData(process.files, options.dataDir, { lineage, memberId: String(record.id), name: options.name });
  return { cluster, id: record.id, lineage };
}

function joined(process: Process, options: MemberOptions): { cluster: EtcdCluster; lineage: string } {
  const peer = reachablePeers(process, options)[0];
  if (peer === undefined) {
    const because = "could not retrieve cluster information from the given URLs";
    throw new StartRefusal(`cannot fetch cluster info from peer urls: ${because}`);
  }
  const { cluster } = peer;
  const there = [...cluster.members.values()];
  if (there.length !== options.initialCluster.size) {
    throw new StartRefusal("error validating peerURLs: member count is unequal");
  }
  const wanted = [...options.initialCluster.values()];
  if (!there.every(({ peerURLs }) => wanted.some((urls) => sameUrls(urls, peerURLs)))) {
    throw new StartRefusal("error validating peerURLs: unmatched member while checking PeerURLs");
  }
  return { cluster, lineage: lineageOf(process, cluster) };
}

function bootstrapped(process: Process, options: MemberOptions): { cluster: EtcdCluster; lineage: string } {
  const { world } = process.machine;
  for (const { cluster } of reachablePeers(process, options)) {
    const record = [...cluster.members.values()].find(({ peerURLs }) => sameUrls(peerURLs, options.peerURLs));
    if (record?.name === options.name) {
      throw new StartRefusal(`member ${record.id.toString(16)} has already been bootstrapped`);
    }
  }
  const id = clusterIdOf(options);
  for (const [lineage, cluster] of world.etcdClusters) {
    const isAlive = [...cluster.holders.values()].some((holds) => holds());
    if (cluster.id === id && isAlive) return { cluster, lineage };
  }
  const lineage = `${id} bootstrapped ${world.etcdClusters.size}`;
  const cluster = freshCluster(process, options, id);
  world.etcdClusters.set(lineage, cluster);
  return { cluster, lineage };
}

/** A cluster of the members that the flags name, with nothing in it. */
export function freshCluster(
  { machine: { world } }: Process,
  { initialCluster, token }: Pick<MemberOptions, "initialCluster" | "token">,
  id: bigint,
): EtcdCluster {
  const cluster = new EtcdCluster(world, id, token);
  for (const peerURLs of initialCluster.values()) {
    const member = memberIdOf(peerURLs, token);
    cluster.members.set(member, freshRecord(member, peerURLs));
  }
  return cluster;
}

function reachablePeers(process: Process, options: MemberOptions): readonly EtcdMember[] {
  const { machine } = process;
  return [...options.initialCluster]
    .filter(([name]) => name !== options.name)
    .flatMap(([, urls]) => urls)
    .flatMap((url) => {
      const { host, port } = endpointOf(url);
      const dialled = machine.world.network.dial(machine, host, port);
      const peer = typeof dialled === "string" ? undefined : dialled.service?.();
      if (!(peer instanceof EtcdMember)) return [];
      const { ca, cert } = options.peerTls;
      const trusted =
        whyNotTrusted(peer.options.peerTls.cert, ca, { now: machine.now(), host }) ??
        whyNotTrusted(cert, peer.options.peerTls.ca, { now: peer.process.machine.now() });
      return trusted === undefined ? [peer] : [];
    });
}

/** As in etcd, ids follow from addresses and token, so a cluster that is bootstrapped again has the ids it had. */
export const memberIdOf = (peerURLs: readonly string[], token: string): bigint =>
  hash64([...peerURLs].sort().join("") + token);

export const clusterIdOf = ({ initialCluster, token }: Pick<MemberOptions, "initialCluster" | "token">): bigint =>
  hash64(
    [...initialCluster.values()]
      .map((urls) => memberIdOf(urls, token))
      .sort()
      .join(),
  );

export const freshRecord = (id: bigint, peerURLs: readonly string[]): MemberRecord => ({
  id,
  name: "",
  peerURLs,
  clientURLs: [],
  isLearner: false,
});

function lineageOf({ machine: { world } }: Process, wanted: EtcdCluster): string {
  for (const [lineage, cluster] of world.etcdClusters) if (cluster === wanted) return lineage;
  throw new Error("The cluster has no lineage");
}

const sameUrls = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join();
