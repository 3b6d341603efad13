import { cleanMachines, leaveUncleanedMachines } from "./phases/clean-machines.ts";
import { present, type Runbook, type World } from "./runbook.ts";

/** The end of a cluster: every machine that answers is cleaned. The snapshots of etcd stay on the machines. */
export function down(world: World): Runbook {
  const nodes = [...world.desired.nodes.map(({ node }) => node), ...(world.former ?? [])];
  const addresses = nodes.map(({ address }) => address);
  return present([cleanMachines(world, "Clean nodes", addresses), leaveUncleanedMachines(world, addresses)]);
}
