import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createDeflateRaw } from "node:zlib";

import { writeAll } from "./write-all.ts";
import { elsewhere16, elsewhere32, flags, lengths, methods, signatures, zip64Field } from "./zip-format.ts";

interface Entry {
  readonly name: Buffer;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/** Looks at what passes by, or changes it. */
export type Passage = (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

interface ZipWriterOptions {
  /** From which number on fields of eight bytes are used. Smaller in tests, where nobody waits for four gigabytes. */
  readonly zip64From?: number;
}

/**
 * Writes a zip into a file from its beginning to its end, as Go's writer does: names may be absolute paths, and the sizes
 * follow the content. Holds no more than a few chunks at a time. Equal content gives equal bytes: there are no times in it.
 */
export class ZipWriter {
  readonly #file: FileHandle;
  readonly #zip64From: number;
  readonly #sha256 = createHash("sha256");
  readonly #entries: Entry[] = [];
  #offset = 0;

  constructor(file: FileHandle, { zip64From = elsewhere32 }: ZipWriterOptions = {}) {
    this.#file = file;
    this.#zip64From = zip64From;
  }

  /** Packs what comes out of a stream as the next entry. */
  async add(
    name: string,
    content: Readable,
    { passage = (chunks) => chunks, signal }: { passage?: Passage; signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const encoded = Buffer.from(name);
    const offset = this.#offset;
    const header = entryHeader(encoded);
    let crc = 0;
    let bytes = 0;
    await pipeline(
      content,
      passage,
      async function* measured(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          crc = crc32(chunk, crc);
          bytes += chunk.length;
          yield chunk;
        }
      },
      createDeflateRaw({ chunkSize: CHUNK }),
      async (chunks: AsyncIterable<Buffer>) => {
        await this.#write(header);
        for await (const chunk of chunks) await this.#write(chunk);
      },
      { ...(signal !== undefined && { signal }) },
    );
    const entry = { name: encoded, crc, packedBytes: this.#offset - offset - header.length, bytes, offset };
    await this.#write(descriptor(entry, this.#isLarge(entry)));
    this.#entries.push(entry);
  }

  /** Writes the list of the entries. The file is the caller's to close. */
  async finish(): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
    const start = this.#offset;
    for (const entry of this.#entries) await this.#write(listed(entry, this.#isLarge(entry)));
    const list = { count: this.#entries.length, start, bytes: this.#offset - start };
    const isLarge = Math.max(list.start, list.bytes) >= this.#zip64From || list.count >= elsewhere16;
    await this.#write(isLarge ? Buffer.concat([end64(list), end(undefined)]) : end(list));
    return { sizeBytes: this.#offset, sha256: this.#sha256.digest("hex") };
  }

  #isLarge({ packedBytes, bytes, offset }: Entry): boolean {
    return Math.max(packedBytes, bytes, offset) >= this.#zip64From;
  }

  async #write(data: Buffer): Promise<void> {
    this.#sha256.update(data);
    await writeAll(this.#file, data);
    this.#offset += data.length;
  }
}

const CHUNK = 64 * 1024;

/** 2.0: deflated entries. 4.5: numbers of eight bytes. */
const versionNeeded = (isLarge: boolean): number => (isLarge ? 45 : 20);

const UNIX = 3 << 8;
const READABLE_BY_OWNER = (0o100600 << 16) >>> 0;

/** 1 January 1980, midnight: the format knows nothing earlier. */
const DATE = (1 << 5) | 1;

const flagsOf = (name: Buffer): number =>
  flags.descriptor | (name.every((byte) => byte >= 0x20 && byte < 0x7f) ? 0 : flags.utf8);

function entryHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(lengths.entry);
  header.writeUInt32LE(signatures.entry, 0);
  header.writeUInt16LE(versionNeeded(false), 4);
  header.writeUInt16LE(flagsOf(name), 6);
  header.writeUInt16LE(methods.deflated, 8);
  header.writeUInt16LE(DATE, 12);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function descriptor({ crc, packedBytes, bytes }: Entry, isLarge: boolean): Buffer {
  const text = Buffer.alloc(isLarge ? 24 : 16);
  text.writeUInt32LE(signatures.descriptor, 0);
  text.writeUInt32LE(crc, 4);
  if (isLarge) {
    text.writeBigUInt64LE(BigInt(packedBytes), 8);
    text.writeBigUInt64LE(BigInt(bytes), 16);
  } else {
    text.writeUInt32LE(packedBytes, 8);
    text.writeUInt32LE(bytes, 12);
  }
  return text;
}

function listed({ name, crc, packedBytes, bytes, offset }: Entry, isLarge: boolean): Buffer {
  const header = Buffer.alloc(lengths.listed);
  const extra = isLarge ? zip64Extra([bytes, packedBytes, offset]) : Buffer.alloc(0);
  header.writeUInt32LE(signatures.listed, 0);
  header.writeUInt16LE(UNIX | 45, 4);
  header.writeUInt16LE(versionNeeded(isLarge), 6);
  header.writeUInt16LE(flagsOf(name), 8);
  header.writeUInt16LE(methods.deflated, 10);
  header.writeUInt16LE(DATE, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(isLarge ? elsewhere32 : packedBytes, 20);
  header.writeUInt32LE(isLarge ? elsewhere32 : bytes, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(READABLE_BY_OWNER, 38);
  header.writeUInt32LE(isLarge ? elsewhere32 : offset, 42);
  return Buffer.concat([header, name, extra]);
}

function zip64Extra(numbers: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * numbers.length);
  extra.writeUInt16LE(zip64Field, 0);
  extra.writeUInt16LE(8 * numbers.length, 2);
  for (const [index, number] of numbers.entries()) extra.writeBigUInt64LE(BigInt(number), 4 + 8 * index);
  return extra;
}

interface List {
  readonly count: number;
  readonly start: number;
  readonly bytes: number;
}

/** The last record of all; without a list it says that the numbers are in the one before. */
function end(list: List | undefined): Buffer {
  const record = Buffer.alloc(lengths.end);
  record.writeUInt32LE(signatures.end, 0);
  record.writeUInt16LE(list?.count ?? elsewhere16, 8);
  record.writeUInt16LE(list?.count ?? elsewhere16, 10);
  record.writeUInt32LE(list?.bytes ?? elsewhere32, 12);
  record.writeUInt32LE(list?.start ?? elsewhere32, 16);
  return record;
}

function end64({ count, start, bytes }: List): Buffer {
  const record = Buffer.alloc(lengths.end64 + lengths.end64Locator);
  record.writeUInt32LE(signatures.end64, 0);
  record.writeBigUInt64LE(BigInt(lengths.end64 - 12), 4);
  record.writeUInt16LE(UNIX | 45, 12);
  record.writeUInt16LE(versionNeeded(true), 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(bytes), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  record.writeUInt32LE(signatures.end64Locator, lengths.end64);
  record.writeBigUInt64LE(BigInt(start + bytes), lengths.end64 + 8);
  record.writeUInt32LE(1, lengths.end64 + 16);
  return record;
}
