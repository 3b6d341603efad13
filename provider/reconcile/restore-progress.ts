import { contentDigest } from "../desired/content-digest.ts";
import { etcdMemberName } from "../desired/services/etcd.ts";
import type { RestoreMarker } from "../steps/restore-marker.ts";
import type { RestorePlace } from "../steps/restore-script.ts";
import type { World } from "./runbook.ts";
import { hasRole, peerUrl, prefixOf, reached } from "./world.ts";

/** A machine that notes a restore. */
export interface MarkedMachine extends RestoreMarker {
  readonly address: string;
}

/** The members that a snapshot is restored for. */
export interface RestoredCluster {
  /** `etcd-a=https://10.0.0.1:2380,…` */
  readonly initialCluster: string;
  readonly id: string;
  /**
   * Not RKE's: members that nobody could reach, and that come back with the old data, are of another cluster by it, and are
   * not let in.
   */
  readonly token: string;
}

/** The restored data name their members, so that they are of use to exactly these. */
export function restoredCluster({ desired }: World, name: string): RestoredCluster {
  const members = desired.nodes
    .filter((plan) => hasRole(plan, "etcd"))
    .map(({ node }) => `${etcdMemberName(node)}=${peerUrl(node.internalAddress)}`)
    .toSorted();
  const initialCluster = members.join(",");
  const id = contentDigest(`${name}\n${initialCluster}`).slice(0, 16);
  return { initialCluster, id, token: `etcd-cluster-1-${id}` };
}

/** The machines that note a restore, those that leave among them. */
export const markedMachines = ({ facts }: World): readonly MarkedMachine[] =>
  Object.entries(facts.nodes).flatMap(([address, node]) =>
    node.status === "reached" && node.restore !== undefined ? [{ ...node.restore, address }] : [],
  );

export const isDone = ({ stage }: RestoreMarker): boolean => stage === "done" || stage === "finished";

/** Restores that were done: where one machine says so, all members had agreed. */
export const doneRestores = (world: World): readonly MarkedMachine[] => markedMachines(world).filter(isDone);

/** Machines on which a restore was begun that is not done anywhere. */
export function openRestores(world: World): readonly MarkedMachine[] {
  const done = new Set(doneRestores(world).map(({ id }) => id));
  return markedMachines(world).filter(({ id }) => !done.has(id));
}

/** Whether the data of a machine may be others than those it had before. */
export const isExchanged = ({ stage }: RestoreMarker): boolean => stage !== "staging" && stage !== "staged";

/**
 * The restore that is to be done: one that is asked for, and that neither the state nor a machine knows as done. A machine
 * that has no member any more may remember an older one.
 */
export function dueRestore(world: World): string | undefined {
  const { restore } = world;
  if (restore === undefined || restore.isDone) return undefined;
  const isKnown = doneRestores(world).some(({ name, address }) => name === restore.name && isMember(world, address));
  return isKnown ? undefined : restore.name;
}

export const isMember = ({ desired }: World, address: string): boolean =>
  desired.nodes.some((plan) => plan.node.address === address && hasRole(plan, "etcd"));

export const restoreMarkerOf = (world: World, address: string): RestoreMarker | undefined =>
  reached(world, address)?.restore;

export const restorePlace = (
  world: World,
  { address, id, name }: { readonly address: string; readonly id: string; readonly name: string },
): RestorePlace => ({
  node: address,
  prefixPath: prefixOf(world, address),
  image: world.desired.config.systemImages.alpine,
  id,
  name,
});
