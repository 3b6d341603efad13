import type { Owner } from "./disk.ts";

export interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
  readonly mode: number;
  /** Absent for root's. */
  readonly owner?: Owner | undefined;
  readonly modifiedAtMs?: number | undefined;
}

/** The plain files of an (ustar or GNU) archive; folders and links are passed over. */
export function untar(archive: Buffer): readonly TarEntry[] {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + 512 <= archive.length; ) {
    const header = archive.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) break;
    const size = octal(header, 124, 12);
    const content = archive.subarray(at + 512, at + 512 + size);
    if (content.length < size) throw new Error("unexpected EOF");
    const type = String.fromCharCode(header[156] ?? 0);
    const prefix = text(header, 345, 155);
    if (type === "L") longName = text(content, 0, size);
    else {
      const name = longName ?? (prefix === "" ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`);
      const [uid, gid] = [octal(header, 108, 8), octal(header, 116, 8)];
      const owner = (uid !== 0 || gid !== 0) && { owner: { uid, gid } };
      const modifiedAtMs = octal(header, 136, 12) * 1000;
      if (type === "0" || type === "\0")
        entries.push({ name, content: Buffer.from(content), mode: octal(header, 100, 8), modifiedAtMs, ...owner });
      longName = undefined;
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}

export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, content, mode, owner = { uid: 0, gid: 0 }, modifiedAtMs = 0 }) => {
    const header = Buffer.alloc(512);
    header.write(name.slice(0, 100), 0);
    header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
    for (const [index, id] of [owner.uid, owner.gid].entries()) {
      header.write(`${id.toString(8).padStart(7, "0")}\0`, 108 + 8 * index);
    }
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write(
      `${Math.floor(modifiedAtMs / 1000)
        .toString(8)
        .padStart(11, "0")}\0`,
      136,
    );
    header.write(" ".repeat(8), 148);
    header.write("0", 156);
    header.write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const text = (block: Buffer, from: number, length: number): string =>
  block.toString("utf8", from, from + length).split("\0")[0] ?? "";

const octal = (block: Buffer, from: number, length: number): number =>
  Number.parseInt(text(block, from, length).trim() || "0", 8);
