import type { ClusterConfig } from "../../provider/config/cluster-config.ts";
import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import type { ClusterFacts } from "../../provider/observed/facts.ts";
import { type Bundle, issueBundle } from "../../provider/pki/bundle.ts";
import type { RunEvent } from "../../provider/progress.ts";
import type { FormerNode, RestoreOrder, Runbook } from "../../provider/reconcile/runbook.ts";
import {
  bringDown,
  bringUp,
  lookAround,
  type Operation,
  type OperationResult,
  previewUp,
} from "../../provider/resources/operation.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { countedSerials, pooledKeys } from "../unit/pki/world.ts";
import { configOf, operationOn } from "./operation-on.ts";

/** What Pulumi's state would hold of a cluster. */
export interface Applied {
  readonly certificates?: Bundle;
  /** The nodes, once they have been applied. */
  readonly former?: readonly FormerNode[];
}

/** A snapshot that is asked for, and where it comes from. */
export interface Restore {
  readonly order: RestoreOrder;
  readonly snapshot: NonNullable<Operation["snapshot"]>;
}

/** A cluster on a fleet, and what has been applied to it so far. */
export class Cluster {
  readonly fleet: Fleet;
  readonly events: RunEvent[] = [];
  applied: Applied;
  restore: Restore | undefined;
  #args: object;
  /** The arguments that the certificates are for. */
  #issuedFor: object | undefined;
  readonly #keys = pooledKeys();
  readonly #serials = countedSerials();

  constructor(fleet: Fleet, args: object, applied: Applied = {}) {
    this.fleet = fleet;
    this.#args = args;
    this.applied = applied;
  }

  /** Changes what is wanted. */
  want(args: object): void {
    this.#args = { ...this.#args, ...args };
  }

  /** Brings the fleet to what is wanted; what was applied is remembered only when that worked, as a state would. */
  async up(changes: Partial<Operation> = {}): Promise<OperationResult> {
    const operation = { ...(await this.#operation()), ...changes };
    this.#announceLeaving(operation);
    const result = await bringUp(operation);
    this.applied = { ...this.applied, former: operation.config.nodes };
    return result;
  }

  async down(changes: Partial<Operation> = {}): Promise<OperationResult> {
    const operation = { ...(await this.#operation()), ...changes };
    for (const invariant of ["quorum", "control plane", "workers"] as const) this.fleet.invariants.suspend(invariant);
    return bringDown(operation);
  }

  async look(): Promise<ClusterFacts> {
    return lookAround(await this.#operation());
  }

  /** What an `up` would do by what was last seen. Opens no connection. */
  async preview(facts: ClusterFacts): Promise<Runbook> {
    return previewUp(await this.#operation(), facts).runbook;
  }

  async certificates(): Promise<Bundle> {
    return (await this.#operation()).certificates;
  }

  async #operation(): Promise<Operation> {
    const parsed = configOf(this.#args);
    const certificates = await this.#issued(parsed.config);
    const { former } = this.applied;
    const { order, snapshot } = this.restore ?? {};
    const emit = (event: RunEvent) => this.events.push(event);
    const operation = operationOn(this.fleet, parsed, { certificates, former, emit });
    return { ...operation, restore: order, snapshot };
  }

  async #issued(config: ClusterConfig): Promise<Bundle> {
    const { certificates } = this.applied;
    if (certificates !== undefined && this.#issuedFor === this.#args) return certificates;
    const { bundle } = await issueBundle(pkiSubject(config), {
      ...(certificates && { existing: certificates }),
      clock: () => new Date(),
      serials: this.#serials,
      keys: this.#keys,
    });
    this.#issuedFor = this.#args;
    this.applied = { ...this.applied, certificates: bundle };
    return bundle;
  }

  #announceLeaving({ config }: Operation): void {
    const named = (nodes: ClusterConfig["nodes"]) => new Set(nodes.map(({ hostnameOverride }) => hostnameOverride));
    const controlPlanes = named(config.nodes.filter(({ role }) => role.includes("controlplane")));
    const staying = named(config.nodes);
    const names = this.fleet.nodes.map(({ machine }) => machine.name);
    this.fleet.invariants.leaving = {
      controlPlanes: new Set(names.filter((name) => !controlPlanes.has(name))),
      nodes: new Set(names.filter((name) => !staying.has(name))),
    };
  }
}
