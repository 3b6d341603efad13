import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { packedStream } from "../hosts/archive-stream.ts";
import type { CheckedSnapshot } from "../snapshots/checked-snapshot.ts";
import { snapshotOf } from "./fetch-snapshot.ts";
import { type RestorePlace, restoreFolder, runRestore } from "./restore-script.ts";
import { defineStep } from "./step.ts";

export interface StageSnapshotParams extends RestorePlace {
  /** Of the member that the data are for. */
  readonly member: string;
  readonly peerUrl: string;
  /** All members of the cluster that the data are of: `etcd-a=https://10.0.0.1:2380,…`. */
  readonly initialCluster: string;
  /** Decides with the members which cluster it is. */
  readonly token: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Puts the data of a snapshot beside those of etcd, as they will be when they take their place: while the cluster goes on, and
 * so that the exchange is no more than a rename.
 */
export const stageSnapshot = defineStep<StageSnapshotParams>("stage-snapshot", {
  title: ({ name }) => `put the data of ${name} beside etcd's`,

  async run(params, context) {
    const { node } = params;
    const snapshot = await snapshotOf(context);
    const doing = "put the restored data beside etcd's";
    const env = [`SHA256=${snapshot.sha256}`];
    const said = await runRestore("prepare", params, { context, doing, env });
    const [, staged] = /^staged ([0-9a-f]*)$/m.exec(said) ?? [];
    if (staged === snapshot.sha256) return "unchanged";
    if (staged !== undefined) throw otherData(params, staged, context);
    refuseWithoutRoom(snapshot, { freeBytes: freeBytesIn(said), where: context.nameOf(node), doing });
    const before = (container: string) => upload(snapshot, { params, container, context });
    await runRestore("stage", params, { context, doing, env: [...env, ...words(params, snapshot)], limitMs, before });
    return "changed";
  },
});

/** Gigabytes are sent, digested, and written twice. */
const limitMs = 3_600_000;

const words = (
  { member, peerUrl, initialCluster, token, uid, gid }: StageSnapshotParams,
  { revision, totalKeys }: CheckedSnapshot,
): readonly string[] => [
  `MEMBER=${member}`,
  `PEER=${peerUrl}`,
  `CLUSTER=${initialCluster}`,
  `TOKEN=${token}`,
  `OWNER=${uid}:${gid}`,
  `REVISION=${revision ?? ""}`,
  `KEYS=${totalKeys ?? ""}`,
];

interface Upload {
  readonly params: StageSnapshotParams;
  readonly container: string;
  readonly context: Context;
}

/** The machine digests what has arrived: a connection that breaks in the middle leaves a part that nobody takes for it. */
async function upload(snapshot: CheckedSnapshot, { params, container, context }: Upload): Promise<void> {
  const database = snapshot.database();
  try {
    const archive = packedStream({ name: "snapshot.part", mode: 0o600, sizeBytes: snapshot.databaseBytes }, database);
    const { signal } = context;
    await context.docker(params.node).putArchive(container, restoreFolder(params.id), { archive, signal });
  } finally {
    database.destroy();
  }
}

/** The snapshot and what is made of it, with the two logs of 64 MB that etcd puts beside it. */
const roomFor = ({ databaseBytes }: CheckedSnapshot): number => 2 * databaseBytes + 2 * 64 * 2 ** 20;

function refuseWithoutRoom(
  snapshot: CheckedSnapshot,
  { freeBytes, where, doing }: { freeBytes: number | undefined; where: string; doing: string },
): void {
  const needed = roomFor(snapshot);
  if (freeBytes === undefined || freeBytes >= needed) return;
  throw new RkeError("docker", {
    doing,
    node: where,
    because: `/var/lib/etcd has ${megabytes(freeBytes)} MB left, and ${megabytes(needed)} MB are needed for a while`,
    hint: "Make room there and run it again: nothing was stopped",
  });
}

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

function freeBytesIn(said: string): number | undefined {
  const [, kilobytes] = /^free (\d+)$/m.exec(said) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

const otherData = ({ node, name }: StageSnapshotParams, found: string, { nameOf }: Context): RkeError =>
  new RkeError("unsafe", {
    doing: `go on with the restore of "${name}"`,
    node: nameOf(node),
    because: `it was begun there with other data of this name, of the digest ${found}`,
    hint: "Take restore out of the program and apply that, which puts the old data back; then begin anew",
  });
