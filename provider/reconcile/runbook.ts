import type { ClusterPlan } from "../desired/cluster-plan.ts";
import type { ClusterFacts } from "../observed/facts.ts";
import type { Bundle } from "../pki/bundle.ts";
import type { Step } from "../steps/step.ts";

/** Steps that run one after another. */
export type Lane = readonly Step[];

/** Lanes that run side by side, `width` at a time. */
export interface Phase {
  readonly title: string;
  readonly lanes: readonly Lane[];
  readonly width: number;
}

/** What to do about the difference between what should be and what is: phases, one after another. */
export type Runbook = readonly Phase[];

/** A node that was part of the cluster and is not wanted any more. */
export interface FormerNode {
  readonly address: string;
  readonly internalAddress: string;
  readonly hostnameOverride: string;
  readonly role: readonly ("etcd" | "controlplane" | "worker")[];
  /** What a person had put on its Node object: what is not wanted any more is taken back. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly taints?: readonly FormerTaint[] | undefined;
  /** A run has begun with it and did not come to its end: it may hold something, or nothing at all. */
  readonly isUnfinished?: boolean;
}

interface FormerTaint {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

/** Everything a planner may look at. */
export interface World {
  readonly desired: ClusterPlan;
  readonly facts: ClusterFacts;
  /** The certificates that should be there; their texts decide what is deployed. */
  readonly certificates: Bundle;
  /**
   * The nodes of the cluster as it was last applied, and those with which a run has begun since; absent before the first
   * time. A machine that was given another name is there under each that it may have.
   */
  readonly former?: readonly FormerNode[];
  /** Whether etcd is saved before its members or what they run are changed; true where it is not said. */
  readonly savesEtcd?: boolean;
  readonly restore?: RestoreOrder;
}

/** The snapshot whose data etcd is to have, as long as the program says so. */
export interface RestoreOrder {
  /** Of the snapshot. */
  readonly name: string;
  /** Whether it was restored before, as far as is remembered; the machines may know more. */
  readonly isDone: boolean;
}

/** One step after another. */
export const inOrder = (title: string, steps: Lane): Phase => ({ title, lanes: [steps], width: 1 });

/**
 * All lanes at once. Each machine does its own work, and a lane that waits for an answer costs nothing here; taken in
 * batches, a phase would last as many times as long as there are batches.
 */
export const sideBySide = (title: string, lanes: readonly Lane[]): Phase => {
  return { title, lanes, width: Math.max(1, lanes.length) };
};

/** Lane after lane, as many at a time as may be missing. */
export const rolling = (title: string, lanes: readonly Lane[], width: number): Phase => ({ title, lanes, width });

/** Leaves out what has nothing to do. */
export const present = (phases: readonly (Phase | undefined)[]): Runbook =>
  phases.flatMap((phase) => {
    const lanes = phase?.lanes.filter((lane) => lane.length > 0) ?? [];
    return phase === undefined || lanes.length === 0 ? [] : [{ ...phase, lanes }];
  });
