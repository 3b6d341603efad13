import { execFileSync, spawnSync } from "node:child_process";
import { open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { BadZip, type ZipEntry, zipContent, zipEntries } from "../../../provider/snapshots/zip-reader.ts";
import { ZipWriter } from "../../../provider/snapshots/zip-writer.ts";
import { aFolder, bytesOf, inPieces, sha256Of } from "./world.ts";

type Content = Readonly<Record<string, Buffer>>;

async function aZip(content: Content, options: { zip64From?: number } = {}): Promise<string> {
  const path = join(await aFolder(), "a.zip");
  const file = await open(path, "wx");
  const zip = new ZipWriter(file, options);
  for (const [name, bytes] of Object.entries(content)) await zip.add(name, inPieces(bytes));
  await zip.finish();
  await file.close();
  return path;
}

async function contentOf(path: string): Promise<Content> {
  const file = await open(path, "r");
  try {
    const content: Record<string, Buffer> = {};
    for (const entry of await zipEntries(file)) content[entry.name] = await bytesOf(zipContent(file, entry));
    return content;
  } finally {
    await file.close();
  }
}

const some: Content = {
  "/backup/daily": Buffer.from("etcd ".repeat(5000)),
  "/etc/kubernetes/daily.rkestate": Buffer.from("{}"),
  "/backup/empty": Buffer.alloc(0),
};

const has = (program: string): boolean => spawnSync(program, ["--help"]).error === undefined;

/** Says what Python finds in an archive, which knows zips by itself and looks at each checksum. */
const python = `
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print(json.dumps({e.filename: hashlib.sha256(archive.read(e)).hexdigest() for e in archive.infolist()}))
`;

describe("ZipWriter", () => {
  it.each([
    ["small", {}],
    ["large", { zip64From: 0 }],
    ["mixed", { zip64From: 1000 }],
  ])("writes what zipEntries() reads, with %s numbers", async (_, options) => {
    expect(await contentOf(await aZip(some, options))).toEqual(some);
  });

  it("writes entries of any size, and any number of them", async () => {
    const sizes = fc.array(fc.nat({ max: 20_000 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.constantFrom(0, 1000, 0xffffffff), async (lengths, zip64From) => {
        const content = Object.fromEntries(
          lengths.map((length, index) => [`/backup/${index}`, Buffer.alloc(length, `${index} and on `)]),
        );

        expect(await contentOf(await aZip(content, { zip64From }))).toEqual(content);
      }),
      { numRuns: 15 },
    );
  });

  it.skipIf(!has("unzip")).each([{}, { zip64From: 0 }])(
    "writes what Info-ZIP finds whole, with %j",
    async (options) => {
      const path = await aZip(some, options);

      expect(execFileSync("unzip", ["-t", path], { encoding: "utf8" })).toContain("No errors detected");
      expect(execFileSync("unzip", ["-p", path, "/backup/daily"])).toEqual(some["/backup/daily"]);
    },
  );

  it.skipIf(!has("python3")).each([{}, { zip64From: 0 }])("writes what Python reads, with %j", async (options) => {
    const path = await aZip({ ...some, "/backup/größer": Buffer.from("x") }, options);

    expect(JSON.parse(execFileSync("python3", ["-c", python, path], { encoding: "utf8" }))).toEqual({
      ...Object.fromEntries(Object.entries(some).map(([name, bytes]) => [name, sha256Of(bytes)])),
      "/backup/größer": sha256Of(Buffer.from("x")),
    });
  });

  it("writes the same bytes at any time, and says how many they are and their checksum", async () => {
    const path = join(await aFolder(), "b.zip");
    const file = await open(path, "wx");
    const zip = new ZipWriter(file);
    for (const [name, bytes] of Object.entries(some)) await zip.add(name, inPieces(bytes, 77));

    const said = await zip.finish();
    await file.close();

    const written = await readFile(path);
    expect(said).toEqual({ sizeBytes: written.length, sha256: sha256Of(written) });
    expect(written).toEqual(await readFile(await aZip(some)));
  });

  it("takes no more than it can write", async () => {
    const file = await open("/dev/full", "w");
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(64 * 1024, `${given++} `);
      })(),
    );

    await expect(new ZipWriter(file).add("/backup/daily", endless)).rejects.toMatchObject({ code: "ENOSPC" });
    await file.close();

    expect(given).toBeLessThan(200);
    expect(endless.destroyed).toBe(true);
  });

  it("ends when it is told to, also while it waits for what does not come", async () => {
    const file = await open(join(await aFolder(), "c.zip"), "wx");
    const stop = new AbortController();
    const silent = new Readable({ read: () => setImmediate(() => stop.abort(new Error("enough"))) });

    const adding = new ZipWriter(file).add("/backup/daily", silent, { signal: stop.signal });

    await expect(adding).rejects.toMatchObject({ name: "AbortError" });
    expect(silent.destroyed).toBe(true);
    await file.close();
  });
});

describe("zipEntries()", () => {
  it("reads what other tools have packed, with a comment behind it", async () => {
    const path = join(await aFolder(), "other.zip");
    await writeFile(path, byHand({ comment: "made by hand" }));

    expect(await contentOf(path)).toEqual({
      stored: Buffer.from("as it is"),
      deflated: Buffer.from("packed packed packed"),
    });
  });

  it.each(Array.from({ length: 20 }, (_, index) => index / 20))(
    "reads no archive that is cut off at %f of its length",
    async (part) => {
      const path = await aZip(some, { zip64From: 1000 });
      await writeFile(path, (await readFile(path)).subarray(0, Math.floor((await stat(path)).size * part)));

      await expect(contentOf(path)).rejects.toThrow(/it is cut off|list of its contents/);
    },
  );

  it("finds every byte that has changed in what counts", async () => {
    const original = await readFile(await aZip({ "/backup/a": some["/backup/daily"] ?? Buffer.alloc(0) }));
    const path = join(await aFolder(), "changed.zip");
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: original.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(original);
        changed[at] = (changed[at] ?? 0) ^ by;
        await writeFile(path, changed);

        const read = await contentOf(path).then(
          (content) => Object.values(content),
          (error: unknown) => error,
        );

        // Names, times and flags of a local header count for nobody; content that is given back must be the true one.
        expect(
          read instanceof Error || (read as Buffer[]).every((bytes) => bytes.equals(some["/backup/daily"] as Buffer)),
        ).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ["more", 10, /has more than its 10 bytes/],
    ["less", 30_000, /has less than its 30000 bytes/],
  ])("reads no entry that has %s in it than its list says", async (_, bytes, because) => {
    const file = await open(await aZip(some), "r");
    const [entry] = await zipEntries(file);

    const reading = bytesOf(zipContent(file, { ...(entry as ZipEntry), bytes }));

    await expect(reading).rejects.toThrow(because);
    await file.close();
  });

  it.each([
    ["a password", { isEncrypted: true }, /is encrypted as zips are/],
    ["another method", { method: 12 }, /is packed by method 12/],
    ["another place", { offset: 3 }, /is not where its list says/],
  ])("reads no entry with %s", async (_, different, because) => {
    const file = await open(await aZip(some), "r");
    const [entry] = await zipEntries(file);

    const reading = bytesOf(zipContent(file, { ...(entry as ZipEntry), ...different }));

    await expect(reading).rejects.toThrow(because);
    await expect(reading).rejects.toBeInstanceOf(BadZip);
    await file.close();
  });
});

/** Two entries whose sizes stand in front of them, as most tools write them. */
function byHand({ comment }: { comment: string }): Buffer {
  const entries = [
    { name: "stored", method: 0, content: Buffer.from("as it is"), crc: 0 },
    { name: "deflated", method: 8, content: Buffer.from("packed packed packed"), crc: 0 },
  ].map((entry) => ({ ...entry, packed: entry.method === 8 ? deflateRawSync(entry.content) : entry.content }));
  const locals = entries.map(({ name, method, content, packed }) =>
    Buffer.concat([
      record("IHHHHHIIIHH", [
        0x04034b50,
        20,
        0,
        method,
        0,
        0x5821,
        crcOf(content),
        packed.length,
        content.length,
        name.length,
        0,
      ]),
      Buffer.from(name),
      packed,
    ]),
  );
  const list = entries.map(({ name, method, content, packed }, index) =>
    Buffer.concat([
      record("IHHHHHHIIIHHHHHII", [
        0x02014b50,
        20,
        20,
        0,
        method,
        0,
        0x5821,
        crcOf(content),
        packed.length,
        content.length,
        name.length,
        0,
        0,
        0,
        0,
        0,
        index === 0 ? 0 : (locals[0]?.length ?? 0),
      ]),
      Buffer.from(name),
    ]),
  );
  const [start, length] = [Buffer.concat(locals).length, Buffer.concat(list).length];
  const end = record("IHHHHIIH", [0x06054b50, 0, 0, entries.length, entries.length, length, start, comment.length]);
  return Buffer.concat([...locals, ...list, end, Buffer.from(comment)]);
}

/** Numbers of four bytes (I) and two (H). */
function record(layout: string, numbers: readonly number[]): Buffer {
  return Buffer.concat(
    numbers.map((number, index) => {
      const field = Buffer.alloc(layout[index] === "I" ? 4 : 2);
      field.writeUIntLE(number, 0, field.length);
      return field;
    }),
  );
}

/** The checksum of the format, bit by bit: not the one that is tested. */
function crcOf(content: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
