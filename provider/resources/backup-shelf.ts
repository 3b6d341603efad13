import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { posix, resolve } from "node:path";
import { pipeline } from "node:stream/promises";

import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { Secret } from "../secrets.ts";
import { folderStore } from "../snapshots/folder-store.ts";
import { s3Store } from "../snapshots/s3-store.ts";
import type { SnapshotStore } from "../snapshots/store.ts";
import type { BackupLocation } from "../state/backup-state.ts";
import {
  clearSnapshotFolder,
  measureSnapshots,
  readSnapshot,
  removeSnapshots,
  writeSnapshot,
} from "../steps/snapshot-files.ts";
import type { Access } from "./backup-access.ts";
import type { S3Arguments } from "./backup-inputs.ts";
import { placeOf } from "./backup-locations.ts";
import { refuseFullDisk } from "./backup-room.ts";

/** What is known of a file without reading it over a wire. */
export interface Seen {
  readonly sizeBytes: number;
  readonly sha256?: string | undefined;
}

/** The place of one copy, and what can be done there. Everything concerns the one file and no other. */
export interface Shelf {
  readonly location: BackupLocation;
  /** Fails when it could not be stored here. */
  check(): Promise<void>;
  store(file: string, seen: Seen & { readonly sha256: string }): Promise<void>;
  /** Fetches the copy into a file that is not there yet; false when there is none. */
  fetch(file: string): Promise<boolean>;
  /** Undefined when there is none. */
  look(): Promise<Seen | undefined>;
  remove(): Promise<void>;
}

export interface ShelfOptions {
  readonly access: Pick<Access, "images">;
  readonly s3: S3Arguments | undefined;
  readonly context: Context;
}

export function shelfAt(location: BackupLocation, options: ShelfOptions): Shelf {
  switch (location.kind) {
    case "node":
      return onMachine(location, options);
    case "s3":
      return inStore(location, { ...options, store: bucketOf(location, options), name: posix.basename(location.key) });
    case "folder":
      return inFolder(location, options);
    default:
      return location satisfies never;
  }
}

function onMachine(location: BackupLocation & { kind: "node" }, { access, context }: ShelfOptions): Shelf {
  const { address: node, path } = location;
  const name = posix.basename(path);
  const machine = { node, image: access.images.tools };
  const look = async () => (await measureSnapshots({ ...machine, names: [name] }, context)).get(name);
  return {
    location,
    look,
    async check() {
      const { freeBytes } = await clearSnapshotFolder(machine, context);
      refuseFullDisk(freeBytes, { wantedBytes: location.sizeBytes, machine: context.nameOf(node) });
    },
    async store(file, { sizeBytes, sha256 }) {
      // A run that was ended behind this call may repeat it.
      if ((await look())?.sha256 === sha256) return;
      await writeSnapshot({ ...machine, name, sizeBytes, sha256, content: () => createReadStream(file) }, context);
    },
    fetch: (file) =>
      readSnapshot(
        { ...machine, name },
        {
          context,
          work: async (found) => {
            if (found === undefined) return false;
            await pipeline(found.content, createWriteStream(file, { flags: "wx", mode: 0o600 }));
            return true;
          },
        },
      ),
    remove: () => removeSnapshots({ ...machine, names: [name] }, context),
  };
}

function inFolder(location: BackupLocation & { kind: "folder" }, options: ShelfOptions): Shelf {
  const folder = posix.dirname(location.path);
  const shelf = inStore(location, { ...options, store: folderStore(folder), name: posix.basename(location.path) });
  return {
    ...shelf,
    async look() {
      const there = await stat(resolve(folder)).catch(() => undefined);
      if (there !== undefined) return shelf.look();
      throw new RkeError("storage", {
        doing: `look for ${location.path}`,
        because: "there is no such folder here",
        hint: "Run it on the machine that has the folder",
      });
    },
  };
}

function inStore(
  location: BackupLocation,
  { store, name, context: { signal } }: Pick<ShelfOptions, "context"> & { store: SnapshotStore; name: string },
): Shelf {
  return {
    location,
    check: () => store.check({ signal }),
    store: (file, { sha256 }) => store.put(name, file, { sha256, signal }),
    fetch: async (file) => (await store.get(name, file, { signal })) !== undefined,
    look: () => store.find(name, { signal }),
    remove: () => store.remove(name, { signal }),
  };
}

/** The settings may be those of another bucket by now, and say nothing of this one. */
function bucketOf(location: BackupLocation & { kind: "s3" }, { s3 }: ShelfOptions): SnapshotStore {
  if (s3 === undefined || s3.bucketName !== location.bucket || (s3.endpoint || undefined) !== location.endpoint) {
    throw new RkeError("state", {
      doing: `reach ${placeOf(location)}`,
      because: "the credentials of that bucket are not known any more",
      hint: "Delete the file yourself when nobody needs it",
    });
  }
  const { secretKey, bucketName, endpoint, region, accessKey, sessionToken, customCa, pathStyle } = s3;
  const folder = posix.dirname(location.key);
  return s3Store({
    bucketName,
    ...(folder !== "." && { folder }),
    ...given({ endpoint, region, accessKey, customCa, pathStyle }),
    ...(secretKey !== undefined && { secretKey: new Secret(secretKey) }),
    ...(sessionToken !== undefined && { sessionToken: new Secret(sessionToken) }),
  });
}

const given = <T extends object>(entries: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined && value !== "")) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
