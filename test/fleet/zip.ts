import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

/** A zip as the tools of `rke` write it: deflated entries under the names that they are given. */
export function zipped(entries: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of entries) {
    const packed = deflateRawSync(content);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(content), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(content.length, 8);
    const path = Buffer.from(name);
    const local = Buffer.concat([header(0x04034b50, [20, 0, 8, 0, 0]), sizes, words([path.length, 0]), path, packed]);
    const rest = Buffer.alloc(8);
    rest.writeUInt32LE(at, 4);
    directory.push(
      Buffer.concat([header(0x02014b50, [20, 20, 0, 8, 0, 0]), sizes, words([path.length, 0, 0, 0, 0]), rest, path]),
    );
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(10);
  end.writeUInt32LE(listed.length, 0);
  end.writeUInt32LE(at, 4);
  return Buffer.concat([...parts, listed, header(0x06054b50, [0, 0, directory.length, directory.length]), end]);
}

/** The entries of a zip of ours, in the order in which they lie there. */
export function unzipped(zip: Buffer): ReadonlyMap<string, Buffer> {
  const entries = new Map<string, Buffer>();
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50; ) {
    const [packed, name] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
    const start = at + 30 + name;
    entries.set(zip.toString("utf8", at + 30, start), inflateRawSync(zip.subarray(start, start + packed)));
    at = start + packed;
  }
  return entries;
}

function header(signature: number, fields: readonly number[]): Buffer {
  const start = Buffer.alloc(4);
  start.writeUInt32LE(signature, 0);
  return Buffer.concat([start, words(fields)]);
}

function words(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeUInt16LE(value, index * 2);
  return buffer;
}
