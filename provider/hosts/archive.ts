import { Secret } from "../secrets.ts";

/** A plain file within a tar archive, as Docker takes and gives them. */
export interface ArchivedFile {
  /** Relative to the directory that is packed or unpacked. */
  readonly name: string;
  readonly content: Buffer | Secret<string>;
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly modifiedAtMs?: number | undefined;
}

/** A file that was read; its content may be anything. */
export interface UnpackedFile {
  readonly name: string;
  readonly content: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedAtMs: number;
}

/** One block of an archive; everything in it is padded to a whole number of them. */
export const BLOCK = 512;

export const padding = (length: number): number => (BLOCK - (length % BLOCK)) % BLOCK;

/** Packs files (ustar), in the order given. Directories are not packed: where they are missing, Docker makes them. */
export function packed(files: readonly ArchivedFile[]): Buffer {
  const blocks = files.flatMap((file) => {
    const content = file.content instanceof Secret ? Buffer.from(file.content.unwrap(), "utf8") : file.content;
    return [headerOf(file, content.length), content, Buffer.alloc(padding(content.length))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** The plain files of an archive as Docker sends it (ustar, with pax and GNU headers); directories and links are passed over. */
export function unpacked(archive: Buffer): readonly UnpackedFile[] {
  const files: UnpackedFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header[0] === 0) break;
    const size = sizeIn(header);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new RangeError("the archive ends in the middle of a file");
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "0" || type === "\0") {
      const prefix = text(header, 345, 155);
      const short = text(header, 0, 100);
      files.push({
        name: longName ?? (prefix === "" ? short : `${prefix}/${short}`),
        content,
        mode: octal(header, 100, 8) & 0o7777,
        uid: octal(header, 108, 8),
        gid: octal(header, 116, 8),
        modifiedAtMs: octal(header, 136, 12) * 1000,
      });
    }
    if (type === "L") longName = text(content, 0, size);
    else if (type === "x") longName = paxPath(content) ?? longName;
    else longName = undefined;
    at += BLOCK + size + padding(size);
  }
  return files;
}

/** The block that goes before a file of so many bytes. */
export function headerOf(
  { name, mode, uid = 0, gid = 0, modifiedAtMs = 0 }: Omit<ArchivedFile, "content">,
  size: number,
): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`the name is too long for an archive: ${name}`);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write(inOctal(mode, 8), 100);
  header.write(inOctal(uid, 8), 108);
  header.write(inOctal(gid, 8), 116);
  writeSize(header, size);
  header.write(inOctal(Math.floor(modifiedAtMs / 1000), 12), 136);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${inOctal(sum, 7)} `, 148);
  return header;
}

/** What has more than eight gibibytes is written in binary, as GNU does; eleven octal digits do not hold it. */
function writeSize(header: Buffer, size: number): void {
  if (size < 8 ** 11) {
    header.write(inOctal(size, 12), 124);
    return;
  }
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(size), 128);
}

/** How many bytes the file has that follows a header. */
export const sizeIn = (header: Buffer): number =>
  (header[124] ?? 0) & 0x80 ? Number(header.readBigUInt64BE(128)) : octal(header, 124, 12);

const inOctal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;

const octal = (block: Buffer, from: number, length: number): number =>
  Number.parseInt(text(block, from, length).trim() || "0", 8);

const text = (block: Buffer, from: number, length: number): string =>
  block.toString("utf8", from, from + length).split("\0")[0] ?? "";

/** A record of pax: `27 path=a/very/long/name`, with its own length in front. */
const paxPath = (records: Buffer): string | undefined =>
  /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records.toString("utf8"))?.[1];
