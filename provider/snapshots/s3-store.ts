import { randomBytes } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import type { Readable } from "node:stream";

import { refuseName } from "./names.ts";
import { connectS3, type S3Connection, type S3Limits } from "./s3-client.ts";
import { download } from "./s3-download.ts";
import { nameOf, s3Error, statusOf } from "./s3-errors.ts";
import type { S3Settings } from "./s3-settings.ts";
import { type S3Object, upload } from "./s3-upload.ts";
import { changedOnItsWay, fileError, isFileError, nameTaken, notAsStored, told } from "./storage-errors.ts";
import type { SnapshotStore, StoredArchive, StoreOptions } from "./store.ts";

/** A folder of a bucket, at AWS or wherever S3 is spoken. Every key is used exactly as it is, never as a prefix. */
export function s3Store(settings: S3Settings, limits: Partial<S3Limits> = {}): SnapshotStore {
  const allLimits = { idleMs: 60_000, attempts: 5, ...limits };
  const Bucket = settings.bucketName;
  const folder = (settings.folder ?? "").replace(/^\/+|\/+$/g, "");
  const prefix = folder === "" ? "" : `${folder}/`;
  const place = `s3://${Bucket}${folder === "" ? "" : `/${folder}`}`;
  const objectOf = (name: string): S3Object => ({ Bucket, Key: `${prefix}${name}` });
  let connected: Promise<S3Connection> | undefined;

  /** Tells what the store answers as an error of a deed. */
  async function doing<T>(
    deed: string,
    act: (s3: S3Connection, signal: AbortSignal, deed: string) => Promise<T>,
    { name, signal = new AbortController().signal }: StoreOptions & { readonly name?: string } = {},
  ): Promise<T> {
    if (name !== undefined) refuseName(deed, name);
    try {
      signal.throwIfAborted();
      connected ??= connectS3(settings, allLimits);
      return await act(await connected, signal, deed);
    } catch (error) {
      throw told(
        error,
        (inner) => (isFileError(inner) ? fileError(deed, inner) : s3Error(deed, inner, settings)),
        signal,
      );
    }
  }

  return {
    place,

    check: ({ signal } = {}) =>
      doing(
        `keep snapshots in ${place}`,
        async (s3, signal, deed) => {
          const probe = objectOf(`.pulumi-rke-check-${randomBytes(8).toString("hex")}`);
          // Keys that may not list are told that they may not look where nothing is.
          await described(s3, probe, signal);
          await s3.client.send(new s3.aws.PutObjectCommand({ ...probe, Body: PROBE }), { abortSignal: signal });
          const read = await readBack(s3, probe, signal).catch((error: unknown) => error);
          await s3.client.send(new s3.aws.DeleteObjectCommand(probe), { abortSignal: signal });
          if (read !== PROBE) throw typeof read === "string" ? changedOnItsWay(deed) : read;
        },
        { signal },
      ),

    put: (name, file, { sha256, signal }) =>
      doing(
        `store the snapshot "${name}" in ${place}`,
        async (s3, signal, deed) => {
          const object = objectOf(name);
          const { size } = await stat(file);
          const isIt = (found: StoredArchive | undefined) => found?.sha256 === sha256 && found.sizeBytes === size;
          const present = await described(s3, object, signal);
          if (isIt(present)) return;
          if (present !== undefined) throw nameTaken(deed);
          try {
            await upload(s3, object, file, { sha256, signal });
          } catch (error) {
            // An answer that was lost on its way here has the library ask again, and find its own object in the way.
            if (isIt(await described(s3, object, signal).catch(() => undefined))) return;
            throw statusOf(error) === 412 ? nameTaken(deed) : error;
          }
          if (!isIt(await described(s3, object, signal))) throw changedOnItsWay(deed);
        },
        { name, signal },
      ),

    get: (name, file, { signal } = {}) =>
      doing(
        `fetch the snapshot "${name}" from ${place}`,
        async (s3, signal, deed) => {
          const found = await described(s3, objectOf(name), signal);
          if (found === undefined) return undefined;
          const { etag, sizeBytes, sha256 } = found;
          const got = await download(s3, objectOf(name), file, { ...allLimits, etag, sizeBytes, signal });
          if (sha256 === undefined || sha256 === got.sha256) return archiveIn(found);
          await rm(file, { force: true });
          throw notAsStored(deed);
        },
        { name, signal },
      ),

    find: (name, { signal } = {}) =>
      doing(
        `look for the snapshot "${name}" in ${place}`,
        async (s3, signal) => {
          const found = await described(s3, objectOf(name), signal);
          return found && archiveIn(found);
        },
        { name, signal },
      ),

    list: ({ signal } = {}) =>
      doing(
        `list the snapshots in ${place}`,
        async ({ aws, client }, signal) => {
          // What lies in folders below is somebody else's.
          const request = { Bucket, Prefix: prefix, Delimiter: "/" };
          const found: (StoredArchive & { readonly name: string })[] = [];
          for (let token: string | undefined; ; ) {
            const command = new aws.ListObjectsV2Command({ ...request, ...(token && { ContinuationToken: token }) });
            const { Contents = [], NextContinuationToken } = await client.send(command, { abortSignal: signal });
            for (const { Key = "", Size = 0, LastModified = new Date(0) } of Contents) {
              const name = Key.slice(prefix.length);
              if (name !== "") found.push({ name, sizeBytes: Size, modifiedAt: LastModified });
            }
            token = NextContinuationToken;
            if (token === undefined) return found.sort((a, b) => b.modifiedAt.getTime() - a.modifiedAt.getTime());
          }
        },
        { signal },
      ),

    remove: (name, { signal } = {}) =>
      doing(
        `delete the snapshot "${name}" in ${place}`,
        async ({ aws, client }, signal) => {
          await client.send(new aws.DeleteObjectCommand(objectOf(name)), { abortSignal: signal });
        },
        { name, signal },
      ),
  };
}

const PROBE = "pulumi-rke";

interface Described extends StoredArchive {
  readonly etag: string | undefined;
}

const archiveIn = ({ sizeBytes, sha256, modifiedAt }: Described): StoredArchive => ({ sizeBytes, sha256, modifiedAt });

/** What the store says of an object; undefined when there is none. */
async function described(s3: S3Connection, object: S3Object, signal: AbortSignal): Promise<Described | undefined> {
  const { aws, client } = s3;
  try {
    const said = await client.send(new aws.HeadObjectCommand(object), { abortSignal: signal });
    const { ContentLength: sizeBytes = 0, LastModified: modifiedAt = new Date(0), ETag: etag, Metadata } = said;
    return { sizeBytes, sha256: Metadata?.sha256, modifiedAt, etag };
  } catch (error) {
    // A missing bucket gives the same answer, for one without a body has no room for a reason.
    const reason = statusOf(error) === undefined ? error : await whyNot(s3, object, signal);
    if (reason === undefined) throw error;
    if (nameOf(reason) === "NoSuchKey") return undefined;
    throw reason;
  }
}

/** Answers to HEAD come without their reason: asks in a way that has one. */
async function whyNot({ aws, client }: S3Connection, object: S3Object, signal: AbortSignal): Promise<unknown> {
  try {
    const { Body } = await client.send(new aws.GetObjectCommand({ ...object, Range: "bytes=0-0" }), {
      abortSignal: signal,
    });
    (Body as Readable | undefined)?.destroy();
    return undefined;
  } catch (error) {
    return error;
  }
}

async function readBack(s3: S3Connection, object: S3Object, signal: AbortSignal): Promise<string> {
  const { Body } = await s3.client.send(new s3.aws.GetObjectCommand(object), { abortSignal: signal });
  return (await Body?.transformToString()) ?? "";
}
