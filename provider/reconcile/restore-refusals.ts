import { RkeError } from "../errors.ts";
import type { RestoreInto } from "./phases/restore-data.ts";
import { isExchanged, openRestores } from "./restore-progress.ts";
import type { World } from "./runbook.ts";
import { hasRole, nameOf, silenceOf, unreachablePlans } from "./world.ts";

/** Refuses a restore that would leave somebody behind who goes on with the old data, or with half of another one. */
export function refuseRestore(world: World, order: RestoreInto): void {
  const { externalUrls = [] } = world.desired.config.services.etcd;
  if (externalUrls.length > 0) {
    throw unsafe(order, {
      because: "etcd is not ours: its servers are those of services.etcd.externalUrls",
      hint: "Restore it with the tools of whoever runs it, then run pulumi up without restore",
    });
  }
  refuseSilence(world, order);
  refuseOtherRestore(world, order);
}

/**
 * A member that is not there could not get the new data, and an API server that nobody can stop might go on with old ones.
 * Workers are asked for nothing, and machines that leave are not counted on.
 */
function refuseSilence(world: World, order: RestoreInto): void {
  const silent = unreachablePlans(world).filter((plan) => hasRole(plan, "etcd") || hasRole(plan, "controlplane"));
  if (silent.length === 0) return;
  const nodes = silent.map(({ node }) => node);
  throw unsafe(order, {
    because: `all machines with etcd or an API server have to answer, and these do not${silenceOf(world, nodes)}`,
    hint: "Bring them back, or take them out of the cluster: the snapshot is restored with the members that the program has",
  });
}

function refuseOtherRestore(world: World, order: RestoreInto): void {
  const others = openRestores(world).filter(
    (one) => one.id !== order.id && isExchanged(one) && one.stage !== "returning",
  );
  const [other] = others;
  if (other === undefined) return;
  const names = others.map(({ address }) => nameAt(world, address)).join(", ");
  const isSame = other.name === order.name;
  throw unsafe(order, {
    because: isSame
      ? `a restore of it was begun with other members, and ${names} has its data`
      : `the restore of "${other.name}" was begun and did not come to its end, and ${names} has its data`,
    hint: isSame
      ? "Give the cluster the etcd nodes again that it had then; or take restore out of the program and apply that, which puts the old data back"
      : `Apply the restore of "${other.name}" once more, or take restore out of the program and apply that, which puts the old data back`,
  });
}

function nameAt({ desired, former = [] }: World, address: string): string {
  const node = [...desired.nodes.map((plan) => plan.node), ...former].find((one) => one.address === address);
  return node === undefined ? address : nameOf(node);
}

const unsafe = ({ name }: RestoreInto, { because, hint }: { because: string; hint: string }): RkeError =>
  new RkeError("unsafe", { doing: `restore "${name}"`, because, hint });
