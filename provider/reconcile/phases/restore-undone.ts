import { discardRestore } from "../../steps/discard-restore.ts";
import { noteRestore } from "../../steps/note-restore.ts";
import { putBackEtcdData } from "../../steps/put-back-etcd-data.ts";
import {
  doneRestores,
  isExchanged,
  isMember,
  markedMachines,
  openRestores,
  restorePlace,
} from "../restore-progress.ts";
import { type Phase, sideBySide, type World } from "../runbook.ts";
import { removed, stopApiServers } from "./restore-data.ts";

/** Where one machine says that a restore is done, it is, and a run was killed before it could tell all of them. */
export function agreeOnDone(world: World): Phase {
  const done = doneRestores(world);
  const late = markedMachines(world).filter((one) => one.stage === "switched" && done.some(({ id }) => id === one.id));
  return sideBySide(
    "Keep the restored data",
    late.map((machine) => [noteRestore({ ...restorePlace(world, machine), stage: "done" })]),
  );
}

/** Stops what may run with restored data, where the old ones are put back. */
export function stopForOldData(world: World): readonly Phase[] {
  const exchanged = openRestores(world).filter(isExchanged);
  if (exchanged.length === 0) return [];
  return [
    stopApiServers(world),
    sideBySide(
      "Stop etcd",
      exchanged.map(({ address }) => removed(world, address, ["etcd"])),
    ),
  ];
}

/**
 * Takes a restore back that nobody asks for any more and that is not done. An `up` then starts what it finds: the cluster
 * as it was before.
 */
export const putBackOldData = (world: World): Phase =>
  sideBySide(
    "Put the old data back",
    openRestores(world).map((machine) => [
      putBackEtcdData({ ...restorePlace(world, machine), isExchanged: isExchanged(machine) }),
    ]),
  );

/** Removes what earlier restores have left on machines that are to have no member; elsewhere the next one takes its place. */
export function removeFormerRestores(world: World): Phase {
  const open = new Set(openRestores(world).map(({ address }) => address));
  return sideBySide(
    "Remove what earlier restores have left",
    markedMachines(world)
      .filter(({ address }) => !isMember(world, address))
      .map((machine) => {
        const place = restorePlace(world, machine);
        return open.has(machine.address)
          ? [putBackEtcdData({ ...place, isExchanged: isExchanged(machine) })]
          : [discardRestore(place)];
      }),
  );
}
