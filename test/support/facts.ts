import type { ClusterConfig } from "../../provider/config/cluster-config.ts";
import { parseCluster } from "../../provider/config/parse.ts";
import { type ClusterPlan, planCluster } from "../../provider/desired/cluster-plan.ts";
import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import { type Bundle, issueBundle } from "../../provider/pki/bundle.ts";
import type { Phase, Runbook, World } from "../../provider/reconcile/runbook.ts";
import type { Release } from "../../provider/releases/release.ts";
import { issueOptions } from "../unit/pki/world.ts";
import { ModelCluster } from "./model.ts";
import { withoutAddons } from "./without-addons.ts";

export type Roles = readonly ("etcd" | "controlplane" | "worker")[];

export const everything: Roles = ["etcd", "controlplane", "worker"];
export const master: Roles = ["etcd", "controlplane"];
export const worker: Roles = ["worker"];

/** Nodes called node-1 and so on, at 10.0.0.1 and so on, with these roles. */
export const nodesOf = (...roles: readonly Roles[]) => roles.map((role, index) => aMachine(index + 1, role));

/** The node of a number: `node-4` at 10.0.0.4. */
export const aMachine = (number: number, role: Roles, changes: object = {}) => ({
  address: `10.0.0.${number}`,
  hostnameOverride: `node-${number}`,
  user: "rke",
  role,
  ...changes,
});

/** Three nodes with etcd and the API servers, and two workers: `10.0.0.1` to `10.0.0.5`. */
export const threeAndTwo = nodesOf(master, master, master, worker, worker);

/** A cluster as it is wanted, with its certificates. */
export interface Wanted {
  readonly config: ClusterConfig;
  readonly release: Release;
  readonly plan: ClusterPlan;
  readonly certificates: Bundle;
}

/**
 * Plans a cluster and issues its certificates, from those of an earlier one where there is one. The same again for the
 * same arguments: to issue takes its time.
 */
export function wanted(args: object, before?: object): Promise<Wanted> {
  const key = JSON.stringify([args, before]);
  const known = issued.get(key);
  if (known !== undefined) return known;
  const issuing = issue(args, before);
  issued.set(key, issuing);
  return issuing;
}

const issued = new Map<string, Promise<Wanted>>();

async function issue(args: object, before: object | undefined): Promise<Wanted> {
  const parsed = parseCluster({ kubernetesVersion: "v1.31.4-rancher1-1", ...withoutAddons, ...args });
  if (!parsed.ok) throw new Error(parsed.failures.map(({ path, reason }) => `${path.join(".")}: ${reason}`).join("\n"));
  const { config, release } = parsed;
  const existing = before === undefined ? {} : { existing: (await wanted(before)).certificates };
  const { bundle } = await issueBundle(pkiSubject(config), issueOptions(existing));
  return { config, release, plan: planCluster(config, release), certificates: bundle };
}

export interface WorldWords {
  /** What is wanted now: arguments of a cluster. */
  readonly args: object;
  /** What was applied before; the same where it is not said, and nothing for `"none"`. */
  readonly before?: object | "none";
  /** Whether `rke` made it. */
  readonly isAdopted?: boolean;
  /** What has happened to the machines since. */
  readonly since?: (cluster: ModelCluster) => void;
}

/** What a planner looks at, from a few words: real plans, real certificates, and the facts of a model of the cluster. */
export async function aWorld({
  args,
  before = args,
  isAdopted = false,
  since = () => undefined,
}: WorldWords): Promise<World> {
  const cluster = new ModelCluster();
  const former = before === "none" ? undefined : await wanted(before);
  if (former !== undefined) cluster.settle(former.plan, former.certificates, { isAdopted });
  const { plan, certificates } = await wanted(args, before === "none" ? undefined : before);
  since(cluster);
  return worldOf(cluster, { desired: plan, certificates, former: former?.config.nodes });
}

/** Looks at the model and puts the rest beside it. */
export const worldOf = (
  cluster: ModelCluster,
  { desired, certificates, former }: Pick<World, "desired" | "certificates"> & { former: World["former"] },
): World => ({
  desired,
  certificates,
  facts: cluster.look(desired, former),
  ...(former !== undefined && { former }),
});

/** A runbook as lines: `Change etcd (1): 10.0.0.1 run etcd`. For tests that ask who does what and when. */
export const linesOf = (runbook: Runbook): readonly string[] =>
  runbook.flatMap((phase) => phase.lanes.flat().map(({ title, node }) => `${phase.title}: ${node ?? "-"} ${title}`));

export const titlesOf = (runbook: Runbook): readonly string[] => runbook.map(({ title }) => title);

/** The titles of a phase's steps, lane by lane. */
export const lanesOf = (phase: Phase | undefined): readonly (readonly string[])[] =>
  (phase?.lanes ?? []).filter((lane) => lane.length > 0).map((lane) => lane.map(({ title }) => title));
