import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";

import { refuseName } from "./names.ts";
import { changedOnItsWay, fileError, nameTaken, notAsStored, told } from "./storage-errors.ts";
import type { SnapshotStore, StoredArchive, StoreOptions } from "./store.ts";
import { writeAll } from "./write-all.ts";

/**
 * A folder of the machine that runs Pulumi. It is made when there is none; what is in it is for its owner only. Checksums lie
 * beside the archives, as `sha256sum --check` reads them. A name shows up when all of its content is on the disk.
 */
export function folderStore(folder: string): SnapshotStore {
  const place = resolve(folder);
  const make = () => mkdir(place, { recursive: true, mode: 0o700 });

  /** Tells errors of the file system as those of a deed with a file of this folder. */
  async function doing<T>(
    deed: string,
    act: (doing: string) => Promise<T>,
    { name, signal }: StoreOptions & { readonly name?: string } = {},
  ): Promise<T> {
    if (name !== undefined) refuseName(deed, name);
    try {
      signal?.throwIfAborted();
      return await act(deed);
    } catch (error) {
      throw told(error, (inner) => fileError(deed, inner), signal);
    }
  }

  return {
    place,

    check: ({ signal } = {}) =>
      doing(
        `keep snapshots in ${place}`,
        async () => {
          await make();
          const probe = join(place, hidden("check"));
          try {
            await writeFile(probe, "pulumi-rke", { mode: 0o600, flag: "wx" });
            await readFile(probe);
          } finally {
            await rm(probe, { force: true });
          }
        },
        { signal },
      ),

    put: (name, file, { sha256, signal }) =>
      doing(
        `store the snapshot "${name}" in ${place}`,
        async (deed) => {
          await make();
          const path = join(place, name);
          await sweep(place, name);
          if ((await described(path)) === undefined) {
            const part = join(place, hidden(name));
            try {
              const copied = await copy(file, part, signal);
              if (copied !== sha256) throw changedOnItsWay(deed);
              await appear(part, path);
            } finally {
              await rm(part, { force: true });
            }
          } else if ((await sha256Of(path, signal)) !== sha256) throw nameTaken(deed);
          await writeFile(noteOf(path), `${sha256}  ${name}\n`, { mode: 0o600 });
        },
        { name, signal },
      ),

    get: (name, file, { signal } = {}) =>
      doing(
        `fetch the snapshot "${name}" from ${place}`,
        async (deed) => {
          const path = join(place, name);
          const found = await described(path);
          if (found === undefined) return undefined;
          const sha256 = await copy(path, file, signal);
          if (found.sha256 === undefined || found.sha256 === sha256) return found;
          await rm(file, { force: true });
          throw notAsStored(deed);
        },
        { name, signal },
      ),

    find: (name, { signal } = {}) =>
      doing(`look for the snapshot "${name}" in ${place}`, () => described(join(place, name)), { name, signal }),

    list: ({ signal } = {}) =>
      doing(
        `list the snapshots in ${place}`,
        async () => {
          const names = (await entriesOf(place)).filter((name) => !name.startsWith(".") && !name.endsWith(NOTE));
          const found: (StoredArchive & { readonly name: string })[] = [];
          for (const name of names) {
            const archive = await described(join(place, name));
            if (archive !== undefined) found.push({ ...archive, name });
          }
          return found.sort((a, b) => b.modifiedAt.getTime() - a.modifiedAt.getTime());
        },
        { signal },
      ),

    remove: (name, { signal } = {}) =>
      doing(
        `delete the snapshot "${name}" in ${place}`,
        async () => {
          await sweep(place, name);
          await rm(join(place, name), { force: true });
          await rm(noteOf(join(place, name)), { force: true });
        },
        { name, signal },
      ),
  };
}

const NOTE = ".sha256";
const noteOf = (path: string): string => `${path}${NOTE}`;

/** A name that no listing shows, and that no two runs choose. */
const hidden = (name: string): string => `.${name}.${randomBytes(8).toString("hex")}.part`;

/** Removes what a run that was killed has left of a file of this name. */
async function sweep(place: string, name: string): Promise<void> {
  const isPart = (entry: string) =>
    entry.startsWith(`.${name}.`) && /^[0-9a-f]{16}\.part$/.test(entry.slice(name.length + 2));
  for (const part of (await entriesOf(place)).filter(isPart)) await rm(join(place, part), { force: true });
}

/** Copies a file, for its owner only and down to the disk; the checksum is that of what was copied. */
async function copy(from: string, to: string, signal: AbortSignal | undefined): Promise<string> {
  const sha256 = createHash("sha256");
  const target = await open(to, "wx", 0o600);
  try {
    const chunks = createReadStream(from, { highWaterMark: CHUNK, ...(signal && { signal }) });
    for await (const chunk of chunks) {
      sha256.update(chunk);
      await writeAll(target, chunk);
    }
    await target.sync();
    return sha256.digest("hex");
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  } finally {
    await target.close();
  }
}

const CHUNK = 256 * 1024;

async function sha256Of(path: string, signal: AbortSignal | undefined): Promise<string> {
  const sha256 = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: CHUNK }), sha256, { ...(signal && { signal }) });
  return sha256.digest("hex");
}

/** Gives a finished file its name. Unlike a rename, a link never takes the place of a file that came in the meantime. */
async function appear(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await rename(part, path);
  }
}

/** What file systems answer that have no links: FAT, and some that lie on other machines. */
const WITHOUT_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

async function described(path: string): Promise<StoredArchive | undefined> {
  const found = await absent(stat(path));
  if (found === undefined || !found.isFile()) return undefined;
  const note = await absent(readFile(noteOf(path), "utf8"));
  const sha256 = /^[0-9a-f]{64}(?= )/.exec(note ?? "")?.[0];
  return { sizeBytes: found.size, sha256, modifiedAt: found.mtime };
}

const entriesOf = async (folder: string): Promise<readonly string[]> => (await absent(readdir(folder))) ?? [];

/** Undefined in place of the error that there is no such file. */
async function absent<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
