import type { ClusterPlan } from "../desired/cluster-plan.ts";
import { longRunning } from "../desired/long-running.ts";
import type { NodePlan } from "../desired/node-plan.ts";
import type { ClusterFacts, ReachedNode } from "../observed/facts.ts";
import type { Bundle } from "../pki/bundle.ts";
import type { FsyncMeasured, PortTried } from "./measured.ts";

/** Something about a machine that stands in the way, or may. */
export interface Objection {
  readonly severity: "error" | "warning";
  /** As people know the machine: `node-2 (10.0.0.12)`; absent where it is about several. */
  readonly node?: string;
  /** What was found, as a sentence without its full stop. */
  readonly reason: string;
  /** The next move. */
  readonly hint: string;
}

/** What checks judge by. */
export interface Situation {
  readonly desired: ClusterPlan;
  readonly facts: ClusterFacts;
  /** The wanted machines that answered. */
  readonly machines: readonly CheckedMachine[];
  readonly certificates: Bundle | undefined;
  readonly ports: readonly PortTried[];
  readonly fsync: readonly FsyncMeasured[];
}

/** A wanted machine and what was seen of it. */
export interface CheckedMachine {
  readonly plan: NodePlan;
  readonly seen: ReachedNode;
  readonly name: string;
  /** Whether it is known to be part of this cluster: from the last run, from the API, or from etcd. */
  readonly isMember: boolean;
  /** Whether it was no part of any cluster so far. */
  readonly isNew: boolean;
}

/** Looks for one kind of trouble. */
export type Check = (situation: Situation) => readonly Objection[];

/** Runs a check machine by machine. Windows machines have none of what these checks know. */
export const onEachMachine =
  (check: (machine: CheckedMachine, situation: Situation) => readonly Omit<Objection, "node">[]): Check =>
  (situation) =>
    situation.machines
      .filter(({ seen }) => seen.machine.osType !== "windows")
      .flatMap((machine) => check(machine, situation).map((found) => ({ ...found, node: machine.name })));

/** What already runs must not be stopped by something that it has always lived with. */
export const errorWhenNew = (machines: readonly CheckedMachine[]): Objection["severity"] =>
  machines.some(({ isNew }) => isNew) ? "error" : "warning";

/** Containers of RKE's that stay, of whatever cluster. */
export const clusterContainers = ({ seen }: Pick<CheckedMachine, "seen">): readonly string[] =>
  seen.containers.map(({ name }) => name).filter((name) => longRunning.has(name));

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** A number of bytes for people: `3.2 GiB`. */
export const gibibytes = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

export const GIB = 2 ** 30;
