import { RkeError } from "../../errors.ts";
import type { EtcdMemberFact } from "../../observed/facts.ts";
import { filesOf } from "../../pki/files.ts";
import { KUBE_CA, KUBE_NODE } from "../../pki/names.ts";
import { snapshotFolder } from "../../snapshots/manifest.ts";
import { saveEtcd, withoutSafety } from "../../steps/save-etcd.ts";
import { deployedOn } from "../deployment.ts";
import { membership } from "../membership.ts";
import { type Phase, sideBySide, type World } from "../runbook.ts";
import { canGiveSnapshot } from "../snapshot-member.ts";
import { leavingNodes, nameOf, prefixOf, reached, reachedPlans } from "../world.ts";
import { etcdPlane } from "./etcd-plane.ts";
import { pullImages } from "./pull-images.ts";

/**
 * Fetches images, and saves etcd meanwhile where this run changes its members or what they run: neither needs the other, and
 * both are over before anything is changed.
 */
export function pullAndSave(world: World): Phase {
  const pulls = pullImages(world);
  const saver = saverOf(world);
  if (saver === undefined || !saver.isReady) return pulls;
  const lanes = pulls.lanes.filter((lane) => lane.length > 0);
  const title = lanes.length === 0 ? alone : "Pull images, and save etcd before changing it";
  return sideBySide(title, [...lanes, [stepOn(world, saver)]]);
}

/** Saves etcd where no machine could do it before its certificates were put in order. */
export function saveWithNewFiles(world: World): Phase | undefined {
  const saver = saverOf(world);
  return saver === undefined || saver.isReady ? undefined : sideBySide(alone, [[stepOn(world, saver)]]);
}

const alone = "Save etcd before changing it";

/** A machine whose member can be asked for its database. */
interface Saver {
  readonly member: EtcdMemberFact;
  readonly address: string;
  readonly internalAddress: string;
  readonly name: string;
  readonly isStaying: boolean;
  /** Whether the certificates with which its etcd is asked lie there as they should. */
  readonly isReady: boolean;
}

function stepOn(world: World, { address, internalAddress }: Saver) {
  return saveEtcd({
    node: address,
    internalAddress,
    prefixPath: prefixOf(world, address),
    image: world.desired.config.systemImages.alpine,
  });
}

/**
 * The machine on which the snapshot is taken; undefined where none is due, or etcd has no majority that could give one. One
 * that stays is better than one that leaves, and a follower better than the leader, which has enough to do.
 */
function saverOf(world: World): Saver | undefined {
  const { etcd } = world.facts;
  if (world.savesEtcd === false || etcd?.hasQuorum !== true || !changesEtcd(world)) return undefined;
  const able = etcd.members.flatMap((member) => saverFor(world, member));
  const [best] = able
    .filter((saver) => lackOfRoom(world, saver) === undefined)
    .toSorted((a, b) => weightOf(b) - weightOf(a));
  if (best === undefined) throw noRoom(world, able);
  return best;
}

const weightOf = ({ isStaying, isReady, member }: Saver): number =>
  (isStaying ? 4 : 0) + (isReady ? 2 : 0) + (member.isLeader ? 0 : 1);

/** A container that is only started again, or reads its certificates anew, keeps its data and its version. */
function changesEtcd(world: World): boolean {
  const { arrivals = [], departures = [] } = membership(world) ?? {};
  const plane = etcdPlane(world)?.lanes.flat() ?? [];
  return arrivals.length > 0 || departures.length > 0 || plane.some(({ kind }) => kind === "run-container");
}

function saverFor(world: World, member: EtcdMemberFact): readonly Saver[] {
  if (!canGiveSnapshot(member)) return [];
  const { node: address } = member;
  if (reached(world, address) === undefined) return [];
  const plan = reachedPlans(world).find(({ node }) => node.address === address);
  const node = plan?.node ?? leavingNodes(world).find((one) => one.address === address);
  if (node === undefined) return [];
  const isReady = plan === undefined || !deployedOn(world, plan).some(({ path }) => filesUsed.has(path));
  return [
    {
      member,
      address,
      internalAddress: node.internalAddress,
      name: nameOf(node),
      isStaying: plan?.node.role.includes("etcd") === true,
      isReady,
    },
  ];
}

const filesUsed: ReadonlySet<string> = new Set([
  filesOf(KUBE_CA).path,
  filesOf(KUBE_NODE).path,
  filesOf(KUBE_NODE).keyPath,
]);

/** Twice the database: a member writes on while it is read, and its own data may lie on the same disk. */
function lackOfRoom(world: World, { member, address }: Saver): string | undefined {
  const disk = reached(world, address)?.machine.disks[snapshotFolder];
  const wanted = 2 * (member.dbSizeBytes ?? 0);
  if (disk === undefined || disk.freeBytes >= wanted) return undefined;
  return `${mebibytes(disk.freeBytes)} free, and ${mebibytes(wanted)} wanted`;
}

function noRoom(world: World, able: readonly Saver[]): RkeError {
  const lines = able.map((saver) => `\n  ${saver.name}: ${lackOfRoom(world, saver)}`);
  const members = world.facts.etcd?.members.length ?? 0;
  return new RkeError("unsafe", {
    doing: "save etcd before changing it",
    because:
      able.length === 0
        ? `0 of ${members} members are healthy, in sync and on a machine that answers`
        : `0 of ${members} members have room for a snapshot in ${snapshotFolder}${lines.join("")}`,
    hint: `${able.length === 0 ? "Repair the members first" : "Free space there"}; or ${withoutSafety}`,
  });
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
