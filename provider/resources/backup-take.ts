import { join } from "node:path";

import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { execute } from "../execute/run.ts";
import { lookAtEtcd } from "../observed/etcd.ts";
import { inOrder, type Lane, present, type Runbook, sideBySide } from "../reconcile/runbook.ts";
import { snapshotMember } from "../reconcile/snapshot-member.ts";
import { Secret } from "../secrets.ts";
import { type PackedSnapshot, packSnapshot } from "../snapshots/archive.ts";
import type { BackupLocation, BackupState } from "../state/backup-state.ts";
import { type SavedSnapshot, saveSnapshot } from "../steps/save-snapshot.ts";
import { clearSnapshotFolder, readSnapshot, removeSnapshots, unfinishedSnapshot } from "../steps/snapshot-files.ts";
import type { Access } from "./backup-access.ts";
import { keyOf, nodeLocation, outerLocations, placeOf } from "./backup-locations.ts";
import { type BackupOperation, whySilent, withMachines } from "./backup-operation.ts";
import { refuseFullDisk, refuseFullSpool } from "./backup-room.ts";
import { type Shelf, shelfAt } from "./backup-shelf.ts";
import { spoolHome, withSpool } from "./backup-spool.ts";
import { deed, storeOn } from "./backup-steps.ts";
import { textAt } from "./properties.ts";

export interface Taken {
  readonly state: BackupState;
  /** Why it is not everywhere where it is wanted. */
  readonly failure: unknown;
}

/**
 * Takes a snapshot and stores it in all places. Everything that can be known beforehand is found out before a machine is
 * touched. Fails as a whole as long as there is no copy of it anywhere; after that the copies that there are count.
 */
export async function takeSnapshot(operation: BackupOperation): Promise<Taken> {
  const { args, inputs, context } = operation;
  const name = args.snapshotName ?? defaultName(textAt(inputs, "resourceName") ?? "snapshot", context.clock());
  const outer = outerLocations(args, { name, sizeBytes: 0 }).map((location) =>
    shelfAt(location, shelfOptions(operation)),
  );
  await execute(present([sideBySide("Try the places", outer.map(tryShelf))]), context);
  const nodes = await answering(operation);
  const inner = args.storage.nodes === true ? nodes.map((node) => nodeLocation(node, { name, sizeBytes: 0 })) : [];
  const shelves = [...outer, ...inner.map((location) => shelfAt(location, shelfOptions(operation)))];
  return withMachines(
    operation,
    nodes.map(({ address }) => address),
    ({ journal }) =>
      withSpool({ folder: args.storage.folder }, async (spool) => {
        const taking = new Taking(operation, { name, nodes, file: join(spool, `${name}.zip`) });
        try {
          await execute(taking.runbook(shelves), context, { journal });
        } catch (error) {
          return { state: taking.stateFor(shelves, error), failure: error };
        } finally {
          await taking.clear();
        }
        return { state: taking.stateFor(shelves), failure: undefined };
      }),
  );
}

const shelfOptions = ({ access, args, context }: BackupOperation) => ({ access, s3: args.storage.s3, context });

/** As people read a time, and without what a file's name should not have. */
const defaultName = (resource: string, now: Date): string =>
  `${resource.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "")}-${now.toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "")}`;

const tryShelf = (shelf: Shelf): Lane => [
  deed(`see that ${placeOf(shelf.location)} can be written`, async () => {
    await shelf.check();
    await refuseTaken(shelf);
    return "unchanged";
  }),
];

async function refuseTaken(shelf: Shelf): Promise<void> {
  if ((await shelf.look()) === undefined) return;
  throw new RkeError("storage", {
    doing: `store ${placeOf(shelf.location)}`,
    because: "another snapshot of that name is there, and none is ever replaced",
    hint: "Choose another snapshotName, or leave it out; or delete the one that is there when nobody needs it",
  });
}

/** The machines with etcd that answer; the others are named. */
async function answering({ access, context }: BackupOperation): Promise<Access["nodes"]> {
  const answers = await Promise.all(
    access.nodes.map(async (node) => {
      const silence = await whySilent(node.address, context);
      if (silence === undefined) return [node];
      context.emit({ kind: "notice", text: `${context.nameOf(node.address)} does not answer: ${silence}` });
      return [];
    }),
  );
  const nodes = answers.flat();
  if (nodes.length > 0) return nodes;
  throw new RkeError("ssh", {
    doing: "take a snapshot of etcd",
    because:
      access.nodes.length === 0 ? "the cluster has no etcd of its own" : "none of the machines with etcd answers",
    ...(access.nodes.length > 0 && { hint: "Bring one of them back. What was stored before is still there" }),
  });
}

interface TakingOptions {
  readonly name: string;
  readonly nodes: Access["nodes"];
  readonly file: string;
}

/** One snapshot on its way from a member to its places: what is known of it, step after step. */
class Taking {
  readonly #operation: BackupOperation;
  readonly #options: TakingOptions;
  readonly #stored: BackupLocation[] = [];
  readonly #takenAt: string;
  #source: { readonly node: Access["nodes"][number]; readonly version: string } | undefined;
  #saved: SavedSnapshot | undefined;
  #packed: PackedSnapshot | undefined;

  constructor(operation: BackupOperation, options: TakingOptions) {
    this.#operation = operation;
    this.#options = options;
    this.#takenAt = operation.context.clock().toISOString();
  }

  runbook(shelves: readonly Shelf[]): Runbook {
    const onNodes = shelves.filter(({ location }) => location.kind === "node");
    return [
      inOrder("Take the snapshot", [
        deed("choose a member", () => this.#choose(onNodes)),
        deed("have it written, and checked by etcd's own tool", () => this.#save()),
        deed("fetch it", () => this.#fetch()),
      ]),
      sideBySide(
        "Store the snapshot",
        shelves.map((shelf) => [
          storeOn(
            shelf,
            () => this.#file(),
            (location) => void this.#stored.push(location),
          ),
        ]),
      ),
    ];
  }

  /** What is to be remembered. Throws the error when there is nothing. */
  stateFor(shelves: readonly Shelf[], error?: unknown): BackupState {
    const packed = this.#packed;
    if (packed === undefined || this.#stored.length === 0) throw error;
    const { sizeBytes, sha256, manifest } = packed;
    const { name, revision, totalKeys, etcdVersion, takenAt, kubernetesVersion } = manifest;
    const order = shelves.map(({ location }) => keyOf(location));
    const locations = this.#stored.toSorted((a, b) => order.indexOf(keyOf(a)) - order.indexOf(keyOf(b)));
    return {
      name,
      locations,
      expected: order,
      sizeBytes,
      sha256,
      revision,
      totalKeys,
      etcdVersion,
      takenAt,
      kubernetesVersion,
    };
  }

  /** The member's file is in the way of nobody, but large. Not worth a failure, or a wait. */
  async clear(): Promise<void> {
    if (this.#source === undefined) return;
    const { context, access } = this.#operation;
    const { address: node } = this.#source.node;
    const names = [unfinishedSnapshot, `${unfinishedSnapshot}.part`];
    const signal = AbortSignal.timeout(GOODBYE_MS);
    await removeSnapshots({ node, image: access.images.tools, names }, { ...context, signal }).catch(() => {
      const text = `${unfinishedSnapshot} could not be removed from ${context.nameOf(node)}: the next snapshot does it`;
      context.emit({ kind: "notice", text });
    });
  }

  async #choose(onNodes: readonly Shelf[]): Promise<"unchanged"> {
    const { access, args, context } = this.#operation;
    const { nodes } = this.#options;
    const etcd = await lookAtEtcd(
      nodes.map((node) => ({ ...node, etcd: context.etcd(node.address) })),
      context,
    );
    const member = snapshotMember(etcd?.members ?? [], context);
    const node = nodes.find(({ address }) => address === member.node);
    if (node === undefined) throw new RkeError("internal", { doing: "choose a member", because: "it has no machine" });
    const sizeBytes = member.dbSizeBytes ?? 0;
    await refuseFullSpool(spoolHome(args.storage.folder), sizeBytes);
    if (args.snapshotName !== undefined) await Promise.all(onNodes.map(refuseTaken));
    this.#source = { node, version: member.version ?? "" };
    // What a killed run has left may lie on any of them.
    const room = await Promise.all(
      nodes.map(async ({ address }) => {
        const { freeBytes } = await clearSnapshotFolder({ node: address, image: access.images.tools }, context);
        return { address, freeBytes };
      }),
    );
    for (const { address, freeBytes } of room) {
      const copies = Number(address === node.address) + Number(onNodes.length > 0);
      refuseFullDisk(freeBytes, { wantedBytes: copies * sizeBytes, machine: context.nameOf(address) });
    }
    const { nameOf } = context;
    context.emit({
      kind: "notice",
      text: `taken from ${nameOf(node.address)}${member.isLeader ? "" : ", which is not the leader"}`,
    });
    return "unchanged";
  }

  async #save(): Promise<"changed"> {
    const { access, context, limitMs } = this.#operation;
    const { address: node, internalAddress, prefixPath } = this.#from().node;
    const image = access.images.tools;
    this.#saved = await saveSnapshot(
      { node, internalAddress, prefixPath, image, file: unfinishedSnapshot, limitMs },
      context,
    );
    return "changed";
  }

  async #fetch(): Promise<"changed"> {
    const { access, context, args, inputs } = this.#operation;
    const { name, file } = this.#options;
    const { node, version } = this.#from();
    const saved = this.#saved;
    const text = textAt(inputs, "rkeState");
    const state =
      args.state === "none" || text === undefined ? undefined : { text: new Secret(text), ...passphraseIn(args) };
    const { signal } = context;
    this.#packed = await readSnapshot(
      { node: node.address, image: access.images.tools, name: unfinishedSnapshot },
      {
        context,
        work: async (found) => {
          if (found === undefined || saved === undefined)
            throw cutShort(node.address, { context, because: "it is not there" });
          // etcd's tool counts what it has checked, and not the checksum behind it.
          if (found.sizeBytes !== saved.sizeBytes && found.sizeBytes !== saved.sizeBytes + 32) {
            const because = `it has ${found.sizeBytes} bytes, and etcd's tool has checked ${saved.sizeBytes}`;
            throw cutShort(node.address, { context, because });
          }
          const manifest = {
            version: 1,
            name,
            takenAt: this.#takenAt,
            clusterId: access.clusterId,
            clusterName: access.clusterName,
            kubernetesVersion: access.kubernetesVersion,
            etcdVersion: version,
            revision: saved.revision,
            totalKeys: saved.totalKeys,
          } as const;
          return packSnapshot({ file, database: found.content, manifest, state, signal });
        },
      },
    );
    return "changed";
  }

  #from() {
    if (this.#source !== undefined) return this.#source;
    throw new RkeError("internal", { doing: "take a snapshot", because: "no member was chosen" });
  }

  #file() {
    if (this.#packed !== undefined) return { file: this.#options.file, ...this.#packed };
    throw new RkeError("internal", { doing: "store the snapshot", because: "there is none" });
  }
}

const GOODBYE_MS = 30_000;

const passphraseIn = ({ state, passphrase }: BackupOperation["args"]) =>
  state === "encrypted" && passphrase !== undefined ? { passphrase: new Secret(passphrase) } : {};

const cutShort = (
  address: string,
  { context, because }: { context: Pick<Context, "nameOf">; because: string },
): RkeError =>
  new RkeError("etcd", {
    doing: "fetch the snapshot",
    node: context.nameOf(address),
    because,
    hint: "Run pulumi up again: something else may have been at work in /opt/rke/etcd-snapshots",
  });
