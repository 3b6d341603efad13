import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";

import { elsewhere16, elsewhere32, flags, lengths, methods, signatures, zip64Field } from "./zip-format.ts";

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/** What is wrong with a zip, as it reads after "because". */
export class BadZip extends Error {}

/** The entries of a zip, from the list at its end. */
export async function zipEntries(file: FileHandle): Promise<readonly ZipEntry[]> {
  const { size } = await file.stat();
  const { start, bytes, count } = await listIn(file, size);
  if (start + bytes > size) throw new BadZip(`it is cut off: the list of its contents should end at ${start + bytes}`);
  if (bytes > LONGEST_LIST) throw new BadZip(`it is no archive of a snapshot: it lists ${count} files`);
  return [...parsed(await readAt(file, start, bytes), count)];
}

/** Archives of snapshots have three entries. */
const LONGEST_LIST = 256 * 1024;

/** What an entry holds, unpacked; throws at the end when it is not what was packed. */
export async function* zipContent(file: FileHandle, entry: ZipEntry): AsyncGenerator<Buffer> {
  let crc = 0;
  let bytes = 0;
  for await (const chunk of await unpacked(file, entry)) {
    crc = crc32(chunk, crc);
    bytes += chunk.length;
    if (bytes > entry.bytes) break; // Whoever lies about the size may go on without end.
    yield chunk;
  }
  if (bytes !== entry.bytes) {
    throw new BadZip(
      `"${entry.name}" in it has ${bytes > entry.bytes ? "more" : "less"} than its ${entry.bytes} bytes`,
    );
  }
  if (crc !== entry.crc) throw new BadZip(`"${entry.name}" in it has changed: its checksum is another one`);
}

async function unpacked(
  file: FileHandle,
  { name, method, isEncrypted, ...entry }: ZipEntry,
): Promise<AsyncIterable<Buffer>> {
  if (isEncrypted) throw new BadZip(`"${name}" in it is encrypted as zips are`);
  if (method !== methods.stored && method !== methods.deflated) {
    throw new BadZip(`"${name}" in it is packed by method ${method}, and only 0 and 8 can be read`);
  }
  const header = await readAt(file, entry.offset, lengths.entry);
  if (header.readUInt32LE(0) !== signatures.entry) throw new BadZip(`"${name}" is not where its list says`);
  if (entry.packedBytes === 0) return none();
  const start = entry.offset + lengths.entry + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = slices(file, { start, end: start + entry.packedBytes });
  if (method === methods.stored) return packed;
  // Errors of one end the other: whoever reads the second sees them.
  return pipeline(packed, createInflateRaw({ chunkSize: CHUNK }), () => undefined);
}

const CHUNK = 64 * 1024;

/** A part of a file, piece by piece. Unlike streams of a file, it leaves the file as free to be closed as before. */
export async function* slices(
  file: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(CHUNK, end - at)), 0, null, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* none(): AsyncGenerator<Buffer> {}

interface List {
  readonly start: number;
  readonly bytes: number;
  readonly count: number;
}

async function listIn(file: FileHandle, size: number): Promise<List> {
  // Behind the last record may stand a comment.
  const tailStart = Math.max(0, size - lengths.end - elsewhere16);
  const tail = await readAt(file, tailStart, size - tailStart);
  const at = endIn(tail);
  if (at === undefined) throw new BadZip("it is cut off: the list of its contents is missing at its end");
  const list = {
    count: tail.readUInt16LE(at + 10),
    bytes: tail.readUInt32LE(at + 12),
    start: tail.readUInt32LE(at + 16),
  };
  const isLarge = list.count === elsewhere16 || list.bytes === elsewhere32 || list.start === elsewhere32;
  return isLarge ? await list64In(file, tailStart + at) : list;
}

function endIn(tail: Buffer): number | undefined {
  for (let at = tail.length - lengths.end; at >= 0; at--) {
    const fits = () => at + lengths.end + tail.readUInt16LE(at + 20) === tail.length;
    if (tail.readUInt32LE(at) === signatures.end && fits()) return at;
  }
  return undefined;
}

async function list64In(file: FileHandle, endAt: number): Promise<List> {
  const locator = await readAt(file, endAt - lengths.end64Locator, lengths.end64Locator);
  if (locator.readUInt32LE(0) !== signatures.end64Locator) throw new BadZip("the list of its contents is not found");
  const record = await readAt(file, number64(locator, 8), lengths.end64);
  if (record.readUInt32LE(0) !== signatures.end64) throw new BadZip("the list of its contents is not found");
  return { count: number64(record, 32), bytes: number64(record, 40), start: number64(record, 48) };
}

function* parsed(list: Buffer, count: number): Generator<ZipEntry> {
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + lengths.listed > list.length || list.readUInt32LE(at) !== signatures.listed) {
      throw new BadZip("the list of its contents is broken");
    }
    const nameAt = at + lengths.listed;
    const extraAt = nameAt + list.readUInt16LE(at + 28);
    const commentAt = extraAt + list.readUInt16LE(at + 30);
    at = commentAt + list.readUInt16LE(at + 32);
    if (at > list.length) throw new BadZip("the list of its contents is broken");
    yield entryIn(list.subarray(nameAt - lengths.listed, nameAt), {
      name: list.toString("utf8", nameAt, extraAt),
      extra: list.subarray(extraAt, commentAt),
    });
  }
}

function entryIn(header: Buffer, { name, extra }: { name: string; extra: Buffer }): ZipEntry {
  const large = largeNumbers(extra);
  // They stand there in this order, and only those that did not fit.
  const number = (at: number): number => {
    const small = header.readUInt32LE(at);
    if (small !== elsewhere32) return small;
    return large.next().value ?? small;
  };
  const bytes = number(24);
  const packedBytes = number(20);
  return {
    name,
    method: header.readUInt16LE(10),
    isEncrypted: (header.readUInt16LE(8) & flags.encrypted) !== 0,
    crc: header.readUInt32LE(16),
    bytes,
    packedBytes,
    offset: number(42),
  };
}

function* largeNumbers(extra: Buffer): Generator<number, undefined> {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === zip64Field && end <= extra.length) {
      for (let from = at + 4; from + 8 <= end; from += 8) yield number64(extra, from);
    }
    at = end;
  }
}

function number64(buffer: Buffer, at: number): number {
  const number = buffer.readBigUInt64LE(at);
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw new BadZip("the list of its contents is broken");
  return Number(number);
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (position < 0) throw new BadZip("it is cut off");
  const buffer = Buffer.alloc(length);
  for (let from = 0; from < length; ) {
    const { bytesRead } = await file.read(buffer, from, length - from, position + from);
    if (bytesRead === 0) throw new BadZip("it is cut off");
    from += bytesRead;
  }
  return buffer;
}
