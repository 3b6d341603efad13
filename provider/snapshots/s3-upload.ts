import { type FileHandle, open } from "node:fs/promises";

import type { S3Connection } from "./s3-client.ts";
import { nameOf, statusOf } from "./s3-errors.ts";

export interface S3Object {
  readonly Bucket: string;
  readonly Key: string;
}

interface UploadOptions {
  readonly sha256: string;
  readonly signal: AbortSignal;
}

/**
 * Uploads a file under a key that is not taken. Small files go in one request, large ones in parts of which a few are in the
 * memory at a time, each signed with its checksum. The first failure stops all of it, and takes what was uploaded away again.
 */
export async function upload(s3: S3Connection, object: S3Object, file: string, options: UploadOptions): Promise<void> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    if (size <= PART)
      await unlessTaken((condition) => uploadWhole(s3, object, { handle, size, condition, ...options }));
    else await uploadParts(s3, object, { handle, size, ...options });
  } finally {
    await handle.close();
  }
}

const PART = 8 * 1024 * 1024;
const MOST_PARTS = 10_000;
const WIDTH = 3;

interface Condition {
  readonly IfNoneMatch?: "*";
}

/** Has the store refuse a key that was taken in the meantime; those that do not know how are asked without. */
async function unlessTaken<T>(request: (condition: Condition) => Promise<T>): Promise<T> {
  try {
    return await request({ IfNoneMatch: "*" });
  } catch (error) {
    if (statusOf(error) !== 501 && nameOf(error) !== "NotImplemented") throw error;
    return await request({});
  }
}

interface Source extends UploadOptions {
  readonly handle: FileHandle;
  readonly size: number;
}

async function uploadWhole(
  { aws, client }: S3Connection,
  object: S3Object,
  { handle, size, sha256, signal, condition }: Source & { readonly condition: Condition },
): Promise<void> {
  const Body = await slice(handle, 0, size);
  const command = new aws.PutObjectCommand({ ...object, ...condition, Body, ...described(sha256) });
  await client.send(command, { abortSignal: signal });
}

/** What the object says of itself afterwards. */
const described = (sha256: string) => ({ ContentType: "application/zip", Metadata: { sha256 } });

async function uploadParts(s3: S3Connection, object: S3Object, source: Source): Promise<void> {
  const { aws, client } = s3;
  const { sha256, signal } = source;
  await sweepUploads(s3, object, signal);
  const begin = new aws.CreateMultipartUploadCommand({ ...object, ...described(sha256) });
  const { UploadId } = await client.send(begin, { abortSignal: signal });
  try {
    const Parts = await sendParts(s3, { ...object, UploadId }, source);
    await unlessTaken((condition) => {
      const end = new aws.CompleteMultipartUploadCommand({
        ...object,
        ...condition,
        UploadId,
        MultipartUpload: { Parts },
      });
      return client.send(end, { abortSignal: signal });
    });
  } catch (error) {
    const undo = new aws.AbortMultipartUploadCommand({ ...object, UploadId });
    // Also when it was told to stop. What fails here is not what a person should read about: the first failure is.
    await client.send(undo, { abortSignal: AbortSignal.timeout(UNDO_LIMIT_MS) }).catch(() => undefined);
    throw error;
  }
}

const UNDO_LIMIT_MS = 10_000;

/**
 * Ends uploads of this very key that a run that was killed has left: nobody sees them, and they are paid for. Keys that may
 * not list them do without.
 */
async function sweepUploads(
  { aws, client }: S3Connection,
  { Bucket, Key }: S3Object,
  signal: AbortSignal,
): Promise<void> {
  try {
    const list = new aws.ListMultipartUploadsCommand({ Bucket, Prefix: Key });
    const { Uploads = [] } = await client.send(list, { abortSignal: signal });
    for (const { UploadId } of Uploads.filter((left) => left.Key === Key)) {
      await client.send(new aws.AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal: signal });
    }
  } catch {
    signal.throwIfAborted();
  }
}

interface Part {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

async function sendParts(
  { aws, client }: S3Connection,
  upload: S3Object & { readonly UploadId: string | undefined },
  { handle, size, signal }: Source,
): Promise<Part[]> {
  const partSize = Math.max(PART, Math.ceil(size / MOST_PARTS));
  const count = Math.ceil(size / partSize);
  const parts: Part[] = [];
  const failed = new AbortController();
  const abortSignal = AbortSignal.any([signal, failed.signal]);
  let next = 1;
  const lane = async (): Promise<void> => {
    while (next <= count && !abortSignal.aborted) {
      const PartNumber = next++;
      const start = (PartNumber - 1) * partSize;
      const Body = await slice(handle, start, Math.min(partSize, size - start));
      const { ETag } = await client.send(new aws.UploadPartCommand({ ...upload, PartNumber, Body }), { abortSignal });
      parts[PartNumber - 1] = { PartNumber, ETag };
    }
  };
  const stopping = async (): Promise<void> => {
    try {
      await lane();
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: WIDTH }, stopping));
  signal.throwIfAborted();
  if (ended.some(({ status }) => status === "rejected")) throw failed.signal.reason;
  return parts;
}

async function slice(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let from = 0; from < length; ) {
    const { bytesRead } = await handle.read(buffer, from, length - from, position + from);
    if (bytesRead === 0) throw new Error("the file has become shorter while it was uploaded");
    from += bytesRead;
  }
  return buffer;
}
