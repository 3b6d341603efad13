import { certificateOf } from "./certificates.ts";
import type { EtcdCluster } from "./etcd-cluster.ts";
import type { FleetEvent } from "./journal.ts";
import { componentsOf } from "./kube-components.ts";
import type { Machine } from "./machine.ts";
import { mayAllApiServersBeDown, mayStopForRestore } from "./restores.ts";
import type { World } from "./world.ts";

export type Invariant = "quorum" | "control plane" | "workers" | "one CA" | "foreign containers";

export interface Violation {
  readonly invariant: Invariant;
  readonly event: FleetEvent;
  readonly because: string;
}

/** What has been seen so far, by names. */
export interface Memory {
  readonly apiServers: readonly string[];
  readonly stoppedForRestore: readonly string[];
  readonly workers: readonly string[];
  readonly cordoned: readonly string[];
  /** Lineages of clusters of etcd. */
  readonly inquorate: readonly string[];
}

/** What a client must never do to a fleet, checked after each thing that happens. */
export class Invariants {
  readonly violations: Violation[] = [];
  /** How many workers may be down or cordoned at once; unset, nobody counts. */
  maxUnavailableWorkers = Number.POSITIVE_INFINITY;
  /** Names of machines whose API servers go on purpose, and of nodes that go: nobody misses them. */
  leaving: { readonly controlPlanes: ReadonlySet<string>; readonly nodes: ReadonlySet<string> } = {
    controlPlanes: new Set(),
    nodes: new Set(),
  };
  readonly #world: World;
  readonly #suspended = new Set<Invariant>();
  /** Clusters that had no quorum any more when the last event had been dealt with. */
  readonly #inquorate = new Set<EtcdCluster>();
  readonly #apiServers = new Set<string>();
  /** API servers that went down while a restore permitted it: nobody misses them until they have served again. */
  readonly #stoppedForRestore = new Set<string>();
  readonly #workers = new Set<string>();
  readonly #cordoned = new Set<string>();
  readonly #authorities = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
    world.journal.onEvent((event) => this.#check(event));
  }

  /** Stops watching one of them, for what breaks it on purpose: a CA rotation, the end of a cluster. */
  suspend(invariant: Invariant): void {
    this.#suspended.add(invariant);
  }

  resume(invariant: Invariant): void {
    this.#suspended.delete(invariant);
  }

  get memory(): Memory {
    const lineages = [...this.#world.etcdClusters];
    return {
      apiServers: [...this.#apiServers],
      stoppedForRestore: [...this.#stoppedForRestore],
      workers: [...this.#workers],
      cordoned: [...this.#cordoned],
      inquorate: lineages.filter(([, cluster]) => this.#inquorate.has(cluster)).map(([lineage]) => lineage),
    };
  }

  /** Takes over what another has seen in a world of which this one is a copy. */
  recall({ apiServers, stoppedForRestore, workers, cordoned, inquorate }: Memory): void {
    for (const name of apiServers) this.#apiServers.add(name);
    for (const name of stoppedForRestore) this.#stoppedForRestore.add(name);
    for (const name of workers) this.#workers.add(name);
    for (const name of cordoned) this.#cordoned.add(name);
    for (const [lineage, cluster] of this.#world.etcdClusters) {
      if (inquorate.includes(lineage)) this.#inquorate.add(cluster);
    }
  }

  /** Throws with every violation so far. */
  assertHeld(): void {
    if (this.violations.length === 0) return;
    const lines = this.violations.map(
      ({ invariant, event, because }) =>
        `${invariant}: ${because}, at event ${event.number} (${event.node}: ${event.kind} ${event.what})`,
    );
    throw new Error(`The fleet was mistreated:\n${lines.join("\n")}`);
  }

  #check(event: FleetEvent): void {
    this.#learn(event);
    this.#checkQuorum(event);
    this.#checkAuthority(event);
    if (event.by !== "client") return;
    if (disturbing.has(event.kind)) {
      this.#checkForeign(event);
      this.#checkControlPlane(event);
      this.#checkWorkers(event);
    }
  }

  #learn({ kind, node, what }: FleetEvent): void {
    if (kind === "api server ready") {
      this.#apiServers.add(node);
      this.#stoppedForRestore.delete(node);
    }
    if (kind === "node cordoned") this.#cordoned.add(what);
    if (kind === "node uncordoned") this.#cordoned.delete(what);
    if (kind === "node registered") this.#workers.add(what);
    if (kind === "node deleted") {
      this.#workers.delete(what);
      this.#cordoned.delete(what);
      // A machine whose Node is gone has left the cluster: its API server is not missed.
      const machine = this.#machineOf(what);
      if (machine !== undefined) this.#apiServers.delete(machine.name);
    }
  }

  /** One or two voters cannot be restarted without a pause, so only clusters that could bear it are watched. */
  #checkQuorum(event: FleetEvent): void {
    if (!/^(container|member|power)/.test(event.kind)) return;
    for (const cluster of this.#world.etcdClusters.values()) {
      if (cluster.hasQuorum) {
        this.#inquorate.delete(cluster);
        continue;
      }
      if (!cluster.hasHadQuorum) continue;
      const isLostNow = !this.#inquorate.has(cluster);
      this.#inquorate.add(cluster);
      const isBearable =
        cluster.voters.length >= 3 || event.kind === "member added" || event.kind === "member promoted";
      if (isLostNow && isBearable && event.by === "client" && !mayStopForRestore(this.#world, cluster)) {
        const running = cluster.voters.filter(({ id }) => cluster.running.has(id)).length;
        this.#violated(
          "quorum",
          event,
          `${running} of ${cluster.voters.length} voters run and quorum is ${cluster.quorum}`,
        );
      }
    }
  }

  #checkControlPlane(event: FleetEvent): void {
    if (!this.#apiServers.has(event.node)) return;
    const staying = [...this.#apiServers].filter((name) => !this.leaving.controlPlanes.has(name));
    const down = staying.filter((name) => !this.#isServing(name) && !this.#stoppedForRestore.has(name));
    if (down.length > 1 && mayAllApiServersBeDown(this.#world)) {
      for (const name of down) this.#stoppedForRestore.add(name);
    } else if (down.length > 1 && down.includes(event.node)) {
      this.#violated("control plane", event, `the API servers of ${down.join(", ")} are down at once`);
    }
  }

  #checkWorkers(event: FleetEvent): void {
    if (this.maxUnavailableWorkers === Number.POSITIVE_INFINITY) return;
    const down = [...this.#workers].filter((node) => {
      if (this.leaving.nodes.has(node)) return false;
      const machine = this.#machineOf(node);
      if (machine !== undefined && this.#apiServers.has(machine.name)) return false;
      const kubelet = componentsOf(this.#world, "kubelet").get(node);
      return this.#cordoned.has(node) || kubelet === undefined || kubelet.process.hasEnded;
    });
    if (down.length <= this.maxUnavailableWorkers) return;
    this.#violated("workers", event, `${down.join(", ")} are unavailable and ${this.maxUnavailableWorkers} may be`);
  }

  #checkAuthority(event: FleetEvent): void {
    const [, file] = /\/(kube-ca|kube-apiserver-requestheader-ca)\.pem$/.exec(event.what) ?? [];
    if (event.kind !== "file written" || file === undefined) return;
    const content = this.#world.machines.find(({ name }) => name === event.node)?.disk.read(event.what);
    const fingerprint = content === undefined ? undefined : fingerprintOf(content);
    if (fingerprint === undefined) return;
    const first = this.#authorities.get(file);
    if (first !== undefined && first !== fingerprint) this.#violated("one CA", event, `a second ${file} appeared`);
    this.#authorities.set(file, fingerprint);
  }

  #checkForeign(event: FleetEvent): void {
    const machine = this.#world.machines.find(({ name }) => name === event.node);
    const [name = ""] = event.what.split(/ [(→]/);
    if (machine?.foreignNames.has(name) === true) this.#violated("foreign containers", event, `${name} is not ours`);
  }

  #isServing(name: string): boolean {
    const machine = this.#world.machines.find((one) => one.name === name);
    return machine?.isOn === true && machine.listeners.get(6443)?.owner === "kube-apiserver";
  }

  #machineOf(node: string): Machine | undefined {
    return componentsOf(this.#world, "kubelet").get(node)?.process.machine;
  }

  #violated(invariant: Invariant, event: FleetEvent, because: string): void {
    if (!this.#suspended.has(invariant)) this.violations.push({ invariant, event, because });
  }
}

const disturbing = new Set<FleetEvent["kind"]>([
  "container started",
  "container stopped",
  "container removed",
  "container renamed",
  "container touched",
  "node cordoned",
]);

function fingerprintOf(pem: Buffer): string | undefined {
  try {
    return certificateOf(pem).fingerprint256;
  } catch {
    return undefined;
  }
}
