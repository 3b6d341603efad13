import type { NodePlan } from "../../desired/node-plan.ts";
import { etcdMemberName } from "../../desired/services/etcd.ts";
import { fetchSnapshot } from "../../steps/fetch-snapshot.ts";
import { noteRestore } from "../../steps/note-restore.ts";
import { removeContainer } from "../../steps/remove-container.ts";
import { runContainer } from "../../steps/run-container.ts";
import { stageSnapshot } from "../../steps/stage-snapshot.ts";
import { switchEtcdData } from "../../steps/switch-etcd-data.ts";
import { waitForEtcd } from "../../steps/wait-for-etcd.ts";
import { etcdDirectory } from "../etcd-directory.ts";
import { openRestores, type RestoredCluster, restoreMarkerOf, restorePlace } from "../restore-progress.ts";
import { inOrder, type Lane, type Phase, sideBySide, type World } from "../runbook.ts";
import { container, etcdPlans, isRight, peerUrl, reached, seenContainer } from "../world.ts";
import { filesLane } from "./deploy-files.ts";

/** A snapshot that is to be restored, and the members that it is restored for. */
export interface RestoreInto extends RestoredCluster {
  readonly name: string;
}

/** Fetches the snapshot while nothing has been touched, unless all machines have its data already. */
export function fetchRestored(world: World, order: RestoreInto): Phase | undefined {
  if (unstaged(world, order).length === 0) return undefined;
  const [known] = openRestores(world).filter(({ id, stage }) => id === order.id && stage !== "staging");
  return inOrder("Fetch the snapshot", [fetchSnapshot({ name: order.name, sha256: known?.sha256 })]);
}

/** Puts certificates on machines that are to have a member: the CA says whose a machine is, before it has anything else. */
export const deployEtcdFiles = (world: World): Phase =>
  sideBySide(
    "Deploy certificates and files",
    etcdPlans(world).map((plan) => filesLane(world, plan)),
  );

/** Puts the restored data beside etcd's, on all machines at once. The old cluster goes on meanwhile. */
export const stageRestored = (world: World, order: RestoreInto): Phase =>
  sideBySide(
    "Put the restored data beside etcd's",
    unstaged(world, order).map((plan): Lane => {
      const { node } = plan;
      const { uid = 0, gid = 0 } = world.desired.config.services.etcd;
      // Under an etcd that runs the directory stays as that one wants it.
      const isAtRest = seenContainer(world, node.address, "etcd") === undefined;
      return [
        ...(isAtRest ? [etcdDirectory(world, plan, { isFresh: false })] : []),
        stageSnapshot({
          ...restorePlace(world, { ...order, address: node.address }),
          member: etcdMemberName(node),
          peerUrl: peerUrl(node.internalAddress),
          initialCluster: order.initialCluster,
          token: order.token,
          uid,
          gid,
        }),
      ];
    }),
  );

/**
 * Stops everybody who writes to etcd or acts on what it says, on all machines that have them, wanted or not. They are
 * removed, since Docker starts again what is only stopped when a machine is.
 */
export const stopApiServers = (world: World): Phase =>
  sideBySide(
    "Stop the API servers",
    Object.keys(world.facts.nodes).map((address) =>
      removed(world, address, ["kube-scheduler", "kube-controller-manager", "kube-apiserver"]),
    ),
  );

/** Stops the members of the old cluster. One that has its restored data is a member of the new one. */
export const stopEtcd = (world: World, order: RestoreInto): Phase =>
  sideBySide(
    "Stop etcd",
    Object.keys(world.facts.nodes).map((address) =>
      isSwitched(world, address, order) ? [] : removed(world, address, ["etcd"]),
    ),
  );

/** Exchanges the data on all machines at once. */
export const exchangeData = (world: World, order: RestoreInto): Phase =>
  sideBySide(
    "Exchange the data of etcd",
    etcdPlans(world)
      .filter(({ node }) => !isSwitched(world, node.address, order))
      .map(({ node: { address } }) => [switchEtcdData(restorePlace(world, { ...order, address }))]),
  );

/** Starts all members at once: none is of use before there is a majority. With data in place, none founds anything. */
export const startRestored = (world: World, order: RestoreInto): Phase =>
  sideBySide(
    "Start etcd with the restored data",
    etcdPlans(world).map((plan): Lane => {
      const { address } = plan.node;
      const etcd = container(plan, "etcd");
      const isThere = isSwitched(world, address, order) && etcd && isRight(etcd, seenContainer(world, address, "etcd"));
      if (etcd === undefined || isThere) return [];
      return [etcdDirectory(world, plan, { isFresh: false }), runContainer({ node: address, container: etcd })];
    }),
  );

/** Waits for all members, and not only for a majority: what cannot begin is to be found out while there is a way back. */
export const restoredEtcd = (world: World): Phase =>
  sideBySide(
    "Wait for etcd",
    etcdPlans(world).map(({ node }) => [waitForEtcd({ node: node.address })]),
  );

/** Notes that the new data are the cluster's. From the first of these notes on there is no way back. */
export const commitRestore = (world: World, order: RestoreInto): Phase =>
  sideBySide(
    "Keep the restored data",
    etcdPlans(world).map(({ node: { address } }) => [
      noteRestore({ ...restorePlace(world, { ...order, address }), stage: "done" }),
    ]),
  );

/** Whether a machine has its restored data in place. */
function isSwitched(world: World, address: string, { id }: RestoreInto): boolean {
  const marker = restoreMarkerOf(world, address);
  return marker?.id === id && marker.stage === "switched";
}

const unstaged = (world: World, { id }: RestoreInto): readonly NodePlan[] =>
  etcdPlans(world).filter(({ node }) => {
    const marker = restoreMarkerOf(world, node.address);
    return marker?.id !== id || marker.stage === "staging";
  });

/** Containers of these names, with what a replacement that was cut short has left of them. */
export function removed(world: World, address: string, names: readonly string[]): Lane {
  const seen = new Set(reached(world, address)?.containers.map(({ name }) => name.replace(/^old-/, "")));
  return names.filter((name) => seen.has(name)).map((name) => removeContainer({ node: address, name }));
}
