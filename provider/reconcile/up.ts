import { refuseWithoutApi } from "./api-at-hand.ts";
import { refuseHandedNames } from "./handed-names.ts";
import { deployAddons, deployNetwork, deployUserAddons, removeAddons } from "./phases/addons.ts";
import { bootstrap } from "./phases/bootstrap.ts";
import { closePorts, openPorts, tryPorts } from "./phases/check-ports.ts";
import { clearUp } from "./phases/clear-up.ts";
import {
  changeControlPlanes,
  newApiServers,
  newNodesStarted,
  repairControlPlanes,
  startNewNodes,
} from "./phases/control-plane.ts";
import { deployFiles } from "./phases/deploy-files.ts";
import { joinEtcd, partEtcd, reviveEtcdMembers } from "./phases/etcd-members.ts";
import { etcdFounded, etcdPlane, foundEtcd, snapshots } from "./phases/etcd-plane.ts";
import {
  cleanLeavingNodes,
  cordonLeavingNodes,
  drainLeavingNodes,
  forgetLeavingNodes,
  stopLeavingControlPlanes,
} from "./phases/leaving-nodes.ts";
import { removeFilesOfLostRoles } from "./phases/lost-roles.ts";
import { nodeObjects } from "./phases/node-objects.ts";
import {
  finishRestore,
  forgetRestoredNodes,
  removeKeptData,
  restartWatchers,
  restartWatchingPods,
} from "./phases/restore-aftercare.ts";
import { pullAndSave, saveWithNewFiles } from "./phases/save-etcd.ts";
import { addWorkers, changeEtcdNodes, changeFormerControlPlanes, changeWorkers } from "./phases/worker-plane.ts";
import { type Phase, present, type Runbook, type World } from "./runbook.ts";

/**
 * The order of an `up`. Each line is a phase; one that has nothing to do is not in the runbook. What joins comes before
 * what changes, and what leaves goes last: until then the others still know it and ask it.
 */
export const up = (world: World): Runbook =>
  refuseHandedNames(world, () => refuseWithoutApi(world, present(phasesOf(world))));

const phasesOf = (world: World): readonly (Phase | undefined)[] => [
  clearUp(world),
  pullAndSave(world),
  openPorts(world),
  tryPorts(world),
  closePorts(world),
  deployFiles(world),
  saveWithNewFiles(world),
  reviveEtcdMembers(world),
  joinEtcd(world),
  foundEtcd(world),
  startNewNodes(world),
  etcdFounded(world),
  etcdPlane(world),
  newApiServers(world),
  repairControlPlanes(world),
  bootstrap(world),
  restartWatchers(world),
  deployNetwork(world),
  newNodesStarted(world),
  restartWatchingPods(world),
  changeControlPlanes(world),
  changeEtcdNodes(world),
  addWorkers(world),
  cordonLeavingNodes(world),
  ...drainLeavingNodes(world),
  changeWorkers(world),
  ...changeFormerControlPlanes(world),
  nodeObjects(world),
  snapshots(world),
  stopLeavingControlPlanes(world),
  partEtcd(world),
  removeFilesOfLostRoles(world),
  ...cleanLeavingNodes(world),
  forgetLeavingNodes(world),
  forgetRestoredNodes(world),
  deployAddons(world),
  deployUserAddons(world),
  removeAddons(world),
  finishRestore(world),
  removeKeptData(world),
];
