import { type FileHandle, open, rm } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";

import { RkeError } from "../errors.ts";
import { Secret } from "../secrets.ts";
import { type ArchivedFiles, entryNames, plainDatabase, zippedFiles } from "./archived-files.ts";
import { DatabaseCheck, type SeenDatabase } from "./database-check.ts";
import type { SnapshotManifest } from "./manifest.ts";
import { refuseName } from "./names.ts";
import { seal, unseal } from "./sealed-state.ts";
import { brokenFile, fileError, told } from "./storage-errors.ts";
import { BadZip } from "./zip-reader.ts";
import { ZipWriter } from "./zip-writer.ts";

export interface PackOptions {
  /** Path of the archive to write. There must be no such file yet; after a failure there is none again. */
  readonly file: string;
  readonly database: Readable;
  readonly manifest: Omit<SnapshotManifest, "database" | "state">;
  /** What rebuilds the cluster, as `cluster.rkestate` has it. With a passphrase it is encrypted, and only we can read it. */
  readonly state?: { readonly text: Secret<string>; readonly passphrase?: Secret<string> | undefined } | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PackedSnapshot {
  /** Of the archive, not of the database in it. */
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly manifest: SnapshotManifest;
}

/**
 * Packs a snapshot as the tools of `rke` do, so that they can restore it: the database and a plain state lie in the zip under
 * the paths at which those tools look for them. The manifest comes last: what it says of the database is known by then.
 */
export async function packSnapshot(options: PackOptions): Promise<PackedSnapshot> {
  const { file, database, manifest, signal } = options;
  const doing = `write the snapshot "${manifest.name}" to "${file}"`;
  const tell = (error: unknown) => fileError(doing, error);
  try {
    refuseName("take a snapshot", manifest.name);
    const handle = await open(file, "wx", 0o600);
    try {
      return await packInto(handle, { ...options, doing });
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    database.destroy();
    throw told(error, tell, signal);
  }
}

async function packInto(
  handle: FileHandle,
  options: PackOptions & { readonly doing: string },
): Promise<PackedSnapshot> {
  const { manifest, database, doing, state, signal } = options;
  const names = entryNames(manifest.name);
  const zip = new ZipWriter(handle);
  const check = new DatabaseCheck();
  await zip.add(names.database, database, { passage: (chunks) => watched(chunks, check), signal });
  const seen = check.finish();
  if (typeof seen === "string") {
    throw new RkeError("etcd", {
      doing,
      because: seen,
      hint: "Take it again: it was cut off or changed on its way here",
    });
  }
  const add = (name: string, content: string | Buffer) =>
    zip.add(name, Readable.from([Buffer.from(content)]), { signal });
  const stateForm = state === undefined ? "none" : state.passphrase === undefined ? "plain" : "encrypted";
  if (state?.passphrase !== undefined) await add(names.encrypted, await seal(state.text, state.passphrase));
  else if (state !== undefined) await add(names.plain, state.text.unwrap());
  const whole: SnapshotManifest = { ...manifest, database: seen, state: stateForm };
  await add(names.manifest, `${JSON.stringify(whole, null, 2)}\n`);
  const finished = await zip.finish();
  await handle.sync();
  return { ...finished, manifest: whole };
}

async function* watched(chunks: AsyncIterable<Buffer>, check: DatabaseCheck): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    check.see(chunk);
    yield chunk;
  }
}

/** A file with a snapshot of etcd in it, open to be read. */
export interface SnapshotArchive {
  readonly name: string;
  /** Of our own archives only. */
  readonly manifest: SnapshotManifest | undefined;
  readonly databaseBytes: number;
  readonly stateForm: SnapshotManifest["state"];
  /** The database itself. The stream ends in an error when it is not the whole of what etcd wrote. */
  database(): Readable;
  /** What rebuilds the cluster, when it lies in the archive. */
  state(passphrase?: Secret<string>): Promise<Secret<string> | undefined>;
  /** Reads all of it once; the checksum is that of the database. */
  verify(signal?: AbortSignal): Promise<{ readonly sha256: string }>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** What a file is called that does not tell itself; and which one is meant of several in one archive. */
  readonly name?: string | undefined;
  /** Where people know it from, when the file is but a copy. */
  readonly source?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Opens what we wrote, what the tools of `rke` wrote, or a database as `etcdctl snapshot save` leaves it. */
export async function openArchive(file: string, options: OpenOptions = {}): Promise<SnapshotArchive> {
  const { name, source = `"${file}"`, signal } = options;
  signal?.throwIfAborted();
  const tell = (error: unknown) => notReadable(source, error);
  const handle = await open(file, "r").catch((error: unknown) => Promise.reject(tell(error)));
  try {
    const isZip = await beginsAsZip(handle);
    const files = await (isZip ? zippedFiles(handle, name) : plainDatabase(handle, name ?? basename(file)));
    return archiveOf(files, { source, handle });
  } catch (error) {
    await handle.close();
    throw told(error, tell, signal);
  }
}

async function beginsAsZip(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer.toString("latin1") === "PK";
}

function notReadable(source: string, error: unknown): RkeError {
  if (error instanceof BadZip) return brokenFile(source, error.message, error);
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (code.startsWith("Z_")) return brokenFile(source, `what is packed in it has changed: ${message}`, error);
  return fileError(`read the snapshot in ${source}`, error);
}

function archiveOf(
  { name, manifest, database, state }: ArchivedFiles,
  { source, handle }: { readonly source: string; readonly handle: FileHandle },
): SnapshotArchive {
  const tell = (error: unknown) => notReadable(source, error);
  async function* checked(signal?: AbortSignal): AsyncGenerator<Buffer, SeenDatabase> {
    const check = new DatabaseCheck();
    try {
      for await (const chunk of watched(database.chunks(), check)) {
        signal?.throwIfAborted();
        yield chunk;
      }
      return whole(check, manifest);
    } catch (error) {
      throw told(error, tell, signal);
    }
  }
  const stateContent = async () => {
    try {
      return await state?.content();
    } catch (error) {
      throw told(error, tell);
    }
  };
  return {
    name,
    manifest,
    databaseBytes: database.bytes,
    stateForm: state?.form ?? "none",
    database: () => Readable.from(checked(), { objectMode: false }),
    async state(passphrase) {
      const content = await stateContent();
      if (content === undefined) return undefined;
      if (state?.form === "plain") return new Secret(content.toString("utf8"));
      if (passphrase === undefined) throw withoutPassphrase(source);
      return await unseal(content, passphrase);
    },
    async verify(signal) {
      await stateContent();
      const chunks = checked(signal);
      for (;;) {
        const { done, value } = await chunks.next();
        if (done) return { sha256: value.sha256 };
      }
    },
    close: () => handle.close(),
  };
}

function whole(check: DatabaseCheck, manifest: SnapshotManifest | undefined): SeenDatabase {
  const seen = check.finish();
  if (typeof seen === "string") throw new BadZip(seen);
  if (manifest !== undefined && manifest.database.sha256 !== seen.sha256) {
    throw new BadZip("the database in it is not the one that its manifest describes");
  }
  return seen;
}

const withoutPassphrase = (source: string): RkeError =>
  new RkeError("config", {
    doing: `read the state of the cluster in ${source}`,
    because: "it is encrypted, and no passphrase is given",
    hint: "Give the passphrase that was set when the snapshot was taken",
  });
