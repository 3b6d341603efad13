import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

import type { S3Connection, S3Limits } from "./s3-client.ts";
import type { S3Object } from "./s3-upload.ts";
import { writeAll } from "./write-all.ts";

interface DownloadOptions extends S3Limits {
  /** What the store said of the object: what comes later must be the same one. */
  readonly etag: string | undefined;
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
}

/** Downloads an object into a file that is not there yet. Where a connection ends half-way, the next goes on from there. */
export async function download(
  s3: S3Connection,
  object: S3Object,
  file: string,
  { etag, sizeBytes, signal, attempts }: DownloadOptions,
): Promise<{ readonly sha256: string }> {
  const target = await open(file, "wx", 0o600);
  let sha256 = createHash("sha256");
  let at = 0;
  const take = async (): Promise<void> => {
    const { body, start } = await bodyFrom(s3, object, { at, etag, signal });
    if (start !== at) [at, sha256] = [start, createHash("sha256")];
    for await (const chunk of body) {
      sha256.update(chunk);
      await writeAll(target, chunk, at).catch((error: unknown) => Promise.reject(new NotWritten(error)));
      at += chunk.length;
    }
  };
  try {
    for (let failures = 0; at < sizeBytes; ) {
      const before = at;
      const error = await take().then(
        () => new Error(`the connection ended after ${at} of ${sizeBytes} bytes`),
        (reason: unknown) => reason,
      );
      signal.throwIfAborted();
      if (error instanceof NotWritten) throw error.cause;
      if (at >= sizeBytes) break;
      // As long as more and more of it comes, it is worth to go on.
      failures = at > before ? 1 : failures + 1;
      if (isAnswer(error) || failures >= attempts) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (failures - 1), undefined, { signal });
    }
    await target.sync();
    return { sha256: sha256.digest("hex") };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await target.close();
  }
}

const FIRST_PAUSE_MS = 200;

/** A disk that takes no more stays as it is, whoever sends. */
class NotWritten extends Error {
  constructor(cause: unknown) {
    super("", { cause });
  }
}

/** What the store said, after the library has tried often enough. */
const isAnswer = (error: unknown): boolean => (error as { $metadata?: unknown }).$metadata !== undefined;

async function bodyFrom(
  { aws, client }: S3Connection,
  object: S3Object,
  { at, etag, signal }: { readonly at: number; readonly etag: string | undefined; readonly signal: AbortSignal },
): Promise<{ readonly body: Readable; readonly start: number }> {
  const range = at === 0 ? {} : { Range: `bytes=${at}-` };
  const command = new aws.GetObjectCommand({ ...object, ...range, ...(etag !== undefined && { IfMatch: etag }) });
  const { Body, ContentRange } = await client.send(command, { abortSignal: signal });
  const body = addAbortSignal(signal, Body as Readable);
  // Some stores know nothing of parts, and send all of it once more.
  return { body, start: ContentRange?.startsWith(`bytes ${at}-`) ? at : 0 };
}
