import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { Secret } from "../secrets.ts";
import { openArchive, type SnapshotArchive } from "../snapshots/archive.ts";
import type { CheckedSnapshot } from "../snapshots/checked-snapshot.ts";
import { folderStore } from "../snapshots/folder-store.ts";
import { snapshotFolder } from "../snapshots/manifest.ts";
import type { S3Settings } from "../snapshots/s3-settings.ts";
import { s3Store } from "../snapshots/s3-store.ts";
import type { SnapshotStore } from "../snapshots/store.ts";
import { readSnapshot } from "../steps/snapshot-files.ts";
import type { WantedCluster } from "./cluster-operation.ts";
import type { FetchedSnapshot } from "./operation.ts";
import type { WantedRestore } from "./restore-input.ts";
import { refuseSnapshot } from "./snapshot-refusals.ts";

/** As much of a cluster as decides where its snapshot is, and whether it fits. */
export type SnapshotWanted = Pick<WantedCluster, "restore" | "config" | "inputs" | "encryptionKeys" | "former">;

/** How the snapshot that a cluster asks for is fetched; undefined when it asks for none. */
export function snapshotFor(wanted: SnapshotWanted): ((context: Context) => Promise<FetchedSnapshot>) | undefined {
  const { restore } = wanted;
  if (restore === undefined) return undefined;
  return async (context) => {
    const spool = await mkdtemp(join(tmpdir(), "pulumi-rke-restore-"));
    try {
      return await fetched(wanted, { restore, spool, context });
    } catch (error) {
      await rm(spool, { recursive: true, force: true });
      throw error;
    }
  };
}

interface Fetching {
  readonly restore: WantedRestore;
  /** A folder of its own, for this user only. */
  readonly spool: string;
  readonly context: Context;
}

async function fetched(wanted: SnapshotWanted, fetching: Fetching): Promise<FetchedSnapshot> {
  const { restore, spool, context } = fetching;
  const { signal, emit } = context;
  const { name } = restore;
  const file = join(spool, "snapshot");
  const source = await fetchFrom(placesOf(wanted, fetching), { file, name });
  const archive = await openArchive(file, { name, source, signal });
  try {
    const { sha256 } = await archive.verify(signal);
    for (const text of await judged(archive, { wanted, restore })) emit({ kind: "notice", text });
    const close = async () => {
      await archive.close();
      await rm(spool, { recursive: true, force: true });
    };
    return { snapshot: checked(archive, { name, sha256 }), close };
  } catch (error) {
    await archive.close();
    throw error;
  }
}

function checked(archive: SnapshotArchive, { name, sha256 }: { name: string; sha256: string }): CheckedSnapshot {
  const { manifest, databaseBytes } = archive;
  const { revision, totalKeys } = manifest ?? {};
  return { name, sha256, databaseBytes, revision, totalKeys, database: () => archive.database() };
}

async function judged(
  archive: SnapshotArchive,
  { wanted, restore }: { wanted: SnapshotWanted; restore: WantedRestore },
): Promise<readonly string[]> {
  const { name, passphrase } = restore;
  const isSealed = archive.stateForm === "encrypted" && passphrase === undefined;
  const state = isSealed
    ? undefined
    : await archive.state(passphrase === undefined ? undefined : new Secret(passphrase));
  return refuseSnapshot(
    { name, manifest: archive.manifest, state: state?.unwrap(), isSealed },
    {
      clusterId: String(wanted.inputs.clusterId),
      etcdImage: wanted.config.systemImages.etcd,
      encryptionSecrets: wanted.encryptionKeys.map(({ secret }) => secret),
    },
  );
}

/** Somewhere a snapshot may be: its name for people, and a way that fetches it if it is there. */
interface Place {
  readonly place: string;
  /** Under which name it was there. */
  readonly fetch: (target: { readonly file: string; readonly name: string }) => Promise<string | undefined>;
}

/** From the first place that has it. One that fails has not said that it does not, so that its failure is the answer. */
async function fetchFrom(places: readonly Place[], target: { file: string; name: string }): Promise<string> {
  for (const { place, fetch } of places) {
    const found = await fetch(target);
    if (found !== undefined) return `"${found}" in ${place}`;
  }
  throw new RkeError("config", {
    doing: `fetch the snapshot "${target.name}"`,
    because: `there is none of this name in ${places.map(({ place }) => place).join(", ")}`,
    hint: "Say with restore.storage where it is: { s3: { … } }, { folder: … } or { nodes: true }",
  });
}

function placesOf(wanted: SnapshotWanted, { restore: { storage }, context }: Fetching): readonly Place[] {
  const { signal } = context;
  const machines = () => machinesOf(wanted, context);
  if (storage?.folder !== undefined) return [inStore(folderStore(storage.folder), { signal, hasPlain: true })];
  if (storage?.s3 !== undefined) return [inStore(s3Store(settingsOf(storage.s3)), { signal })];
  if (storage?.nodes === true) return machines();
  const own = wanted.config.services.etcd.backupConfig?.s3BackupConfig;
  const bucket =
    own?.bucketName === undefined
      ? []
      : [inStore(s3Store(settingsOf({ ...own, bucketName: own.bucketName })), { signal })];
  return [...bucket, ...machines()];
}

interface StoreWords {
  readonly signal: AbortSignal;
  /** Whether it may hold plain databases, as `etcdctl snapshot save` leaves them. */
  readonly hasPlain?: boolean;
}

const inStore = (store: SnapshotStore, { signal, hasPlain = false }: StoreWords): Place => ({
  place: store.place,
  fetch: async ({ file, name }) => {
    for (const one of hasPlain ? [`${name}.zip`, name] : [`${name}.zip`]) {
      if ((await store.get(one, file, { signal })) !== undefined) return one;
    }
    return undefined;
  },
});

type S3Words = Omit<S3Settings, "secretKey" | "sessionToken"> & {
  readonly secretKey?: string | undefined;
  readonly sessionToken?: string | undefined;
};

function settingsOf({ secretKey, sessionToken, ...rest }: S3Words): S3Settings {
  return {
    ...rest,
    ...(secretKey !== undefined && { secretKey: new Secret(secretKey) }),
    ...(sessionToken !== undefined && { sessionToken: new Secret(sessionToken) }),
  };
}

/** Machines with etcd, those of the program first: `rke` keeps snapshots where they were taken. One that is silent has none. */
function machinesOf({ config, former = [] }: SnapshotWanted, context: Context): readonly Place[] {
  const addresses = [...config.nodes, ...former]
    .filter(({ role }) => role.includes("etcd"))
    .map(({ address }) => address);
  return [...new Set(addresses)].map((node) => ({
    place: `${snapshotFolder} on ${context.nameOf(node)}`,
    fetch: async ({ file, name }) => {
      const image = config.systemImages.alpine;
      for (const one of [`${name}.zip`, name]) {
        if (await readFrom({ node, image, name: one }, { file, context })) return one;
      }
      return undefined;
    },
  }));
}

async function readFrom(
  machine: { readonly node: string; readonly image: string; readonly name: string },
  { file, context }: { readonly file: string; readonly context: Context },
): Promise<boolean> {
  const { signal } = context;
  try {
    return await readSnapshot(machine, {
      context,
      work: async (found) => {
        if (found === undefined) return false;
        await pipeline(found.content, createWriteStream(file, { mode: 0o600 }), { signal });
        return true;
      },
    });
  } catch (error) {
    // A machine that leaves may be gone, and the next one may have it.
    if (signal.aborted || !(error instanceof RkeError) || error.code !== "ssh") throw error;
    return false;
  }
}
