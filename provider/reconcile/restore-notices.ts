import { doneRestores, dueRestore, isExchanged, isMember, openRestores, restoredCluster } from "./restore-progress.ts";
import type { World } from "./runbook.ts";
import { leavingNodes, reached, seenContainer } from "./world.ts";

/** What is known of the snapshot before anybody has fetched it. */
export interface KnownSnapshot {
  readonly takenAt?: string | undefined;
  readonly revision?: number | undefined;
}

interface NoticeOptions {
  readonly known?: KnownSnapshot | undefined;
  /** How people call a machine. */
  readonly nameAt: (address: string) => string;
}

/** What a person has to know of a restore before it is begun, and as long as something is left of it. */
export function restoreNotices(world: World, options: NoticeOptions): readonly string[] {
  const name = dueRestore(world);
  return name === undefined ? afterwards(world, options) : beforehand(world, { ...options, name });
}

function beforehand(world: World, { name, known = {}, nameAt }: NoticeOptions & { name: string }): readonly string[] {
  const { id } = restoredCluster(world, name);
  const having = (container: string) =>
    Object.keys(world.facts.nodes).filter((address) => seenContainer(world, address, container) !== undefined);
  const listed = (addresses: readonly string[]) => addresses.map(nameAt).join(", ");
  const [members, servers] = [having("etcd"), having("kube-apiserver")];
  const stops = [
    ...(members.length > 0 ? [`etcd on ${listed(members)}`] : []),
    ...(servers.length > 0 ? [`the API servers on ${listed(servers)}`] : []),
  ];
  const isBegun = openRestores(world).some((one) => one.id === id && isExchanged(one));
  return [
    ...(isBegun ? [`the restore of "${name}" was begun, and goes on from where it stopped`] : []),
    stops.length === 0
      ? `the restore of "${name}" stops nothing: there is no etcd and no API server`
      : `warning: the restore of "${name}" stops ${stops.join(" and ")}, for ${durationOf(world)}. ` +
        "Pods go on running; kubelets and proxies are restarted afterwards, and so are the pods of network, DNS, ingress and metrics",
    `warning: everything that was written to the cluster ${sinceWhen(name, known)} will be lost`,
    ...silentNotices(world, nameAt),
  ];
}

/**
 * Two renames, and then etcd reads its data and the API servers theirs: half a minute with three nodes and a small database.
 * What a large one takes longer is an estimate, and a generous one.
 */
function durationOf({ facts }: World): string {
  const bytes = Math.max(0, ...(facts.etcd?.members ?? []).map(({ dbSizeBytes = 0 }) => dbSizeBytes));
  const minutes = 1 + Math.ceil(bytes / 2 ** 31);
  return bytes < 2 ** 28 ? "about a minute" : `about ${minutes} minutes`;
}

function sinceWhen(name: string, { takenAt, revision }: KnownSnapshot): string {
  // The names of recurring snapshots of rke begin with the time.
  const [time = takenAt] = takenAt === undefined ? (/^\d{4}-\d\d-\d\dT[\d:.-]+Z/.exec(name) ?? []) : [];
  const at = revision === undefined ? "" : ` (revision ${revision})`;
  return time === undefined ? `after the snapshot was taken${at}` : `after ${time}${at}`;
}

/** Nobody can stop what does not answer. It is not let in again, but whoever asks its API server would be told old things. */
function silentNotices(world: World, nameAt: (address: string) => string): readonly string[] {
  const silent = leavingNodes(world).filter(
    ({ role, address }) => (role.includes("etcd") || role.includes("controlplane")) && !reached(world, address),
  );
  if (silent.length === 0) return [];
  const names = [...new Set(silent.map(({ address }) => nameAt(address)))].join(", ");
  return [
    `warning: ${names} does not answer and leaves. Should it still run, its etcd and its API server go on with the old data: switch it off`,
  ];
}

function afterwards(world: World, { nameAt }: NoticeOptions): readonly string[] {
  const open = openRestores(world);
  const [first] = open;
  const names = (machines: readonly { readonly address: string }[]) =>
    machines.map(({ address }) => nameAt(address)).join(", ");
  if (first !== undefined) {
    const what = open.some(isExchanged)
      ? "is taken back: etcd gets its old data again"
      : "was only prepared, and is forgotten";
    return [`the restore of "${first.name}" did not come to its end and is not asked for any more. It ${what}`];
  }
  const kept = doneRestores(world).filter(({ address }) => isMember(world, address));
  const [last] = kept;
  if (last === undefined || world.restore === undefined) return [];
  return [
    `the data from before "${last.name}" was restored are kept on ${names(kept)}, in /var/lib/etcd/.pulumi-rke-restore. ` +
      "Take restore out of the program to remove them",
  ];
}
