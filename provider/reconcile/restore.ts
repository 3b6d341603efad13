import { clearUp } from "./phases/clear-up.ts";
import { pullImages } from "./phases/pull-images.ts";
import {
  commitRestore,
  deployEtcdFiles,
  exchangeData,
  fetchRestored,
  restoredEtcd,
  stageRestored,
  startRestored,
  stopApiServers,
  stopEtcd,
} from "./phases/restore-data.ts";
import { agreeOnDone, putBackOldData, removeFormerRestores, stopForOldData } from "./phases/restore-undone.ts";
import { dueRestore, openRestores, restoredCluster } from "./restore-progress.ts";
import { refuseRestore } from "./restore-refusals.ts";
import { type Phase, present, type Runbook, type World } from "./runbook.ts";

/**
 * What comes before an `up`: a restore that is asked for, or the end of one that is not asked for any more. Until the machines
 * are looked at again afterwards nobody knows what an `up` finds, so that it is planned then.
 *
 * Everything that takes time or can fail is done while the old cluster goes on; what is stopped after it stands still for
 * two renames and the start of etcd. From any point the next run goes on by what the machines say of themselves.
 */
export function restore(world: World): Runbook {
  const name = dueRestore(world);
  return present(name === undefined ? endOf(world) : phasesOf(world, name));
}

function phasesOf(world: World, name: string): readonly (Phase | undefined)[] {
  const order = { name, ...restoredCluster(world, name) };
  refuseRestore(world, order);
  // Where old data are being put back, all machines go back first: members must begin from the same.
  const isReturning = openRestores(world).some(({ stage }) => stage === "returning");
  const found = isReturning ? withoutMarkers(world) : world;
  return [
    clearUp(world),
    fetchRestored(found, order),
    ...(isReturning ? [...stopForOldData(world), putBackOldData(world)] : []),
    removeFormerRestores(found),
    pullImages(world),
    deployEtcdFiles(world),
    stageRestored(found, order),
    stopApiServers(world),
    stopEtcd(found, order),
    exchangeData(found, order),
    startRestored(found, order),
    restoredEtcd(world),
    commitRestore(world, order),
  ];
}

const endOf = (world: World): readonly (Phase | undefined)[] => [
  agreeOnDone(world),
  ...stopForOldData(world),
  putBackOldData(world),
];

function withoutMarkers(world: World): World {
  const nodes = Object.entries(world.facts.nodes).map(([address, node]) => {
    if (node.status === "unreachable") return [address, node] as const;
    const { restore: _, ...rest } = node;
    return [address, rest] as const;
  });
  return { ...world, facts: { ...world.facts, nodes: Object.fromEntries(nodes) } };
}
