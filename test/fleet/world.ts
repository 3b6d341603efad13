import type { EtcdCluster } from "./etcd-cluster.ts";
import type { Faults } from "./faults.ts";
import type { Journal } from "./journal.ts";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import type { Program } from "./programs.ts";
import type { Trips } from "./trips.ts";

/** How long things take, in real milliseconds; what takes seconds in the real world takes moments here. */
export interface Pace {
  readonly pullMs: number;
  /** Pause before Docker restarts a container; doubles with each further crash, up to 64 times. */
  readonly restartMs: number;
  /** How long etcd tries before it says "request timed out". */
  readonly etcdRequestMs: number;
  /** How long members that lost their leader have none. */
  readonly electionMs: number;
  /** How long a member that starts lags behind the leader. */
  readonly syncMs: number;
  /** How long a Deployment, DaemonSet, Job or new pod takes to be ready. */
  readonly rolloutMs: number;
  /** How long a Node stays Ready after its kubelet fell silent. */
  readonly nodeGraceMs: number;
}

export const quickPace: Pace = {
  pullMs: 0,
  restartMs: 20,
  etcdRequestMs: 30,
  electionMs: 0,
  syncMs: 0,
  rolloutMs: 0,
  nodeGraceMs: 0,
};

export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
}

/** A registry that asks who pulls. Registries that are not listed serve everybody everything. */
export interface Registry {
  readonly username: string;
  readonly password: string;
}

/** What all machines of a fleet share. */
export interface World {
  readonly pace: Pace;
  readonly journal: Journal;
  readonly trips: Trips;
  readonly faults: Faults;
  readonly network: Network;
  readonly machines: readonly Machine[];
  /** Looked through from the last to the first, so that a test's own programs win. */
  readonly programs: Program[];
  /** Nodes are NotReady until a network plugin was deployed. */
  readonly needsNetworkPlugin: boolean;
  readonly registries: ReadonlyMap<string, Registry>;
  /** An S3 store: `bucket/key` → content. */
  readonly objectStore: Map<string, Buffer>;
  /** By lineage: every bootstrap and every restore begins one, whatever cluster id it has. */
  readonly etcdClusters: Map<string, EtcdCluster>;
  /** What components still try to do in vain (a kubelet registering); tried again when the API is used. */
  readonly unfinished: Set<() => boolean>;
  imageConfig(reference: string): ImageConfig;
  /** Runs something later, unless the fleet is closed by then. */
  after(delayMs: number, deed: () => void): () => void;
}

/** Tries again what could not be done before. */
export function tryUnfinished(world: World): void {
  for (const attempt of [...world.unfinished]) if (attempt()) world.unfinished.delete(attempt);
}
