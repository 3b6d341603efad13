import { Readable } from "node:stream";

import { type ArchivedFile, BLOCK, headerOf, padding, sizeIn } from "./archive.ts";

/** A file on its way out of an archive that may be larger than the memory. */
export interface StreamedFile {
  readonly sizeBytes: number;
  /** Fails when the archive breaks off before the file is whole. */
  readonly content: Readable;
}

/** The first plain file of an archive (ustar, with pax headers), as it arrives. Whoever takes it has to read it, or destroy it. */
export async function firstFile(archive: Readable): Promise<StreamedFile> {
  const bytes = new Bytes(archive);
  let named: number | undefined;
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header[0] === 0) throw new RangeError("the archive holds no file");
    const size = sizeIn(header);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "0" || type === "\0") {
      const sizeBytes = named ?? size;
      return { sizeBytes, content: Readable.from(contentOf(bytes, sizeBytes), { objectMode: false }) };
    }
    const record = await bytes.take(size + padding(size));
    named = type === "x" ? sizeOfPax(record.subarray(0, size)) : undefined;
  }
}

/** An archive of one file, made while its content arrives. Fails when there is more or less of it than was said. */
export function packedStream(
  file: Omit<ArchivedFile, "content"> & { readonly sizeBytes: number },
  content: AsyncIterable<Buffer>,
): Readable {
  return Readable.from(blocksOf(file, content), { objectMode: false });
}

async function* blocksOf(
  { sizeBytes, ...file }: Omit<ArchivedFile, "content"> & { readonly sizeBytes: number },
  content: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield headerOf(file, sizeBytes);
  let sent = 0;
  for await (const chunk of content) {
    sent += chunk.length;
    if (sent > sizeBytes) break;
    yield chunk;
  }
  if (sent !== sizeBytes) throw new RangeError(`the file changed while it was sent: it had ${sizeBytes} bytes`);
  yield Buffer.alloc(padding(sizeBytes) + 2 * BLOCK);
}

/** What follows the file is read as well: a connection that still has something to say is not used again. */
async function* contentOf(bytes: Bytes, sizeBytes: number): AsyncGenerator<Buffer> {
  let left = sizeBytes;
  try {
    while (left > 0) {
      const chunk = await bytes.some(left);
      left -= chunk.length;
      yield chunk;
    }
    await bytes.drain();
  } finally {
    bytes.end();
  }
}

/** The record of pax that tells the size of what is too large for the header: `18 size=9000000000`. */
function sizeOfPax(records: Buffer): number | undefined {
  const found = /(?:^|\n)\d+ size=(\d+)\n/.exec(records.toString("utf8"))?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A stream that is read in pieces of the reader's choice. */
class Bytes {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** So many bytes, and not fewer. */
  async take(length: number): Promise<Buffer> {
    while (this.#rest.length < length) this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    return this.#cut(length);
  }

  /** What is there, at least a byte and at most so many. */
  async some(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) this.#rest = await this.#next();
    return this.#cut(Math.min(most, this.#rest.length));
  }

  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  end(): void {
    this.#stream.destroy();
  }

  async #next(): Promise<Buffer<ArrayBuffer>> {
    const { done, value } = await this.#chunks.next();
    if (done === true) throw new RangeError("the archive ends in the middle of a file");
    return value as Buffer<ArrayBuffer>;
  }

  #cut(length: number): Buffer {
    const piece = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return piece;
  }
}
