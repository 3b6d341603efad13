import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";

import { packed, unpacked } from "../../../provider/hosts/archive.ts";
import { firstFile, packedStream } from "../../../provider/hosts/archive-stream.ts";
import { readAll } from "../../../provider/hosts/http.ts";

/** Bytes in pieces of a size that fits nothing. */
function inPieces(bytes: Buffer, size = 700): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
}

describe("firstFile()", () => {
  it("gives the content of a file while it arrives", async () => {
    const content = randomBytes(100_000);

    const file = await firstFile(inPieces(packed([{ name: "snapshot", content, mode: 0o600 }])));

    expect(file.sizeBytes).toBe(100_000);
    expect((await readAll(file.content)).equals(content)).toBe(true);
  });

  it("fails when the archive breaks off in the middle of the file", async () => {
    const archive = packed([{ name: "snapshot", content: randomBytes(100_000), mode: 0o600 }]);

    const file = await firstFile(inPieces(archive.subarray(0, 50_000)));

    await expect(readAll(file.content)).rejects.toThrow("the archive ends in the middle of a file");
  });

  it("fails when there is no file in it", async () => {
    await expect(firstFile(inPieces(packed([])))).rejects.toThrow("the archive holds no file");
  });

  it("believes the size in a pax record, which Docker writes for what is too large for the header", async () => {
    const content = Buffer.from("a database");
    const record = Buffer.from("11 size=10\n");
    const header = packed([{ name: "PaxHeaders", content: record, mode: 0o600 }]);
    header.write("x", 156);
    const archive = packed([{ name: "snapshot", content, mode: 0o600 }]);
    archive.write("00000000000\0", 124);

    const file = await firstFile(inPieces(Buffer.concat([header.subarray(0, 1024), archive])));

    expect(await readAll(file.content)).toEqual(content);
  });
});

describe("packedStream()", () => {
  const file = { name: "snapshot.zip", mode: 0o600 };

  it("makes an archive that others can unpack", async () => {
    const content = randomBytes(100_000);

    const archive = await readAll(packedStream({ ...file, sizeBytes: content.length }, inPieces(content)));

    const [unpackedFile] = unpacked(archive);
    expect(unpackedFile).toMatchObject({ name: "snapshot.zip", mode: 0o600 });
    expect(unpackedFile?.content.equals(content)).toBe(true);
    expect(archive.length % 512).toBe(0);
  });

  it.each([
    ["less", 99_999],
    ["more", 100_001],
  ])("fails when there is %s of the file than was said", async (_, length) => {
    const archive = packedStream({ ...file, sizeBytes: 100_000 }, inPieces(randomBytes(length)));

    await expect(readAll(archive)).rejects.toThrow("the file changed while it was sent");
  });

  it("holds nine gibibytes, and no more than a piece of them at a time", async () => {
    const sizeBytes = 9 * 2 ** 30;
    const piece = Buffer.alloc(2 ** 24, 7);
    async function* pieces() {
      for (let sent = 0; sent < sizeBytes; sent += piece.length) yield piece;
    }

    const { sizeBytes: told, content } = await firstFile(packedStream({ ...file, sizeBytes }, pieces()));

    let seen = 0;
    for await (const chunk of content) seen += (chunk as Buffer).length;
    expect([told, seen]).toEqual([sizeBytes, sizeBytes]);
  });
});
