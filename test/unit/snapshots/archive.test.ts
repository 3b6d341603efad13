import { mkdir, open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";

import { RkeError } from "../../../provider/errors.ts";
import { Secret } from "../../../provider/secrets.ts";
import { openArchive, packSnapshot } from "../../../provider/snapshots/archive.ts";
import { zipEntries } from "../../../provider/snapshots/zip-reader.ts";
import { ZipWriter } from "../../../provider/snapshots/zip-writer.ts";
import { aDatabase, aFolder, aManifest, bytesOf, inPieces, packed, sha256Of } from "./world.ts";

const database = aDatabase();
const state = new Secret('{"desiredState": {}}');
const passphrase = new Secret("correct horse battery staple");

/** A zip as the tools of `rke` leave it, or as somebody has changed it. */
async function zipOf(entries: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const file = join(await aFolder(), "daily.zip");
  const handle = await open(file, "wx");
  const zip = new ZipWriter(handle);
  for (const [name, content] of Object.entries(entries)) await zip.add(name, inPieces(Buffer.from(content)));
  await zip.finish();
  await handle.close();
  return file;
}

async function fileOf(content: Buffer | string, name = "a-snapshot"): Promise<string> {
  const file = join(await aFolder(), name);
  await writeFile(file, content);
  return file;
}

const failure = (work: Promise<unknown>): Promise<RkeError> =>
  work.then(
    () => Promise.reject(new Error("it has not failed")),
    (error: RkeError) => error,
  );

describe("packSnapshot()", () => {
  it("packs a database and a state under the paths at which the tools of rke look for them", async () => {
    const { file } = await packed({ state: { text: state } });

    const handle = await open(file, "r");
    expect((await zipEntries(handle)).map(({ name }) => name)).toEqual([
      "/backup/before-upgrade",
      "/etc/kubernetes/before-upgrade.rkestate",
      "/backup/before-upgrade.manifest.json",
    ]);
    await handle.close();
  });

  it("says what it packed, in its answer and in the archive", async () => {
    const { file, sizeBytes, sha256, manifest } = await packed();

    const written = await readFile(file);
    expect({ sizeBytes, sha256 }).toEqual({ sizeBytes: written.length, sha256: sha256Of(written) });
    expect(manifest).toEqual({
      ...aManifest,
      database: { sizeBytes: database.length, sha256: sha256Of(database) },
      state: "none",
    });
    const archive = await openArchive(file);
    expect(archive.manifest).toEqual(manifest);
    await archive.close();
  });

  it("writes for its owner only", async () => {
    const { file } = await packed();

    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["changed", (bytes: Buffer) => bytes.fill(9, 100, 101), /the database in it has changed since etcd wrote it/],
    ["is cut off", (bytes: Buffer) => bytes.subarray(0, 9000), /it is no whole snapshot of etcd: 9000 bytes/],
    ["is missing", () => Buffer.alloc(0), /it is no whole snapshot of etcd: 0 bytes/],
  ])("leaves no file when the database %s", async (_, change, because) => {
    const file = join(await aFolder(), "x.zip");

    const error = await failure(packSnapshot({ file, database: inPieces(change(aDatabase())), manifest: aManifest }));

    expect(error).toMatchObject({ code: "etcd", detail: { because: expect.stringMatching(because) } });
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("passes on why the database stopped coming, and leaves no file", async () => {
    const file = join(await aFolder(), "x.zip");
    const lost = new RkeError("ssh", { doing: "read the snapshot", node: "node-1", because: "the connection is gone" });
    const breaking = Readable.from(
      (async function* () {
        yield database.subarray(0, 5000);
        throw lost;
      })(),
    );

    const error = await failure(packSnapshot({ file, database: breaking, manifest: aManifest }));

    expect(error).toBe(lost);
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("ends with the reason it is given, also while it waits, and leaves no file", async () => {
    const file = join(await aFolder(), "x.zip");
    const stop = new AbortController();
    const reason = new RkeError("cancelled", { doing: "go on", because: "somebody pressed Ctrl-C" });
    const silent = new Readable({ read: () => setImmediate(() => stop.abort(reason)) });

    const error = await failure(packSnapshot({ file, database: silent, manifest: aManifest, signal: stop.signal }));

    expect(error).toBe(reason);
    expect(silent.destroyed).toBe(true);
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("never writes over a file", async () => {
    const { file } = await packed();
    const before = await readFile(file);

    const error = await failure(packSnapshot({ file, database: inPieces(database), manifest: aManifest }));

    expect(error).toMatchObject({ code: "storage", detail: { because: "there is a file of that name" } });
    expect(await readFile(file)).toEqual(before);
  });

  it.each(["../x", "a/b", ".hidden", "", "a b", "x".repeat(201)])("takes no snapshot of the name %j", async (name) => {
    const file = join(await aFolder(), "x.zip");

    const error = await failure(packSnapshot({ file, database: inPieces(database), manifest: { ...aManifest, name } }));

    expect(error).toMatchObject({ code: "config", message: expect.stringContaining("cannot be the name of one") });
  });
});

describe("openArchive()", () => {
  it("gives back the database and a plain state", async () => {
    const archive = await openArchive((await packed({ state: { text: state } })).file);

    expect(archive).toMatchObject({ name: "before-upgrade", databaseBytes: database.length, stateForm: "plain" });
    expect(await bytesOf(archive.database())).toEqual(database);
    expect((await archive.state())?.unwrap()).toBe(state.unwrap());
    expect(await archive.verify()).toEqual({ sha256: sha256Of(database) });
    await archive.close();
  });

  it("gives back an encrypted state to who has the passphrase, and says what is missing to who has not", async () => {
    const { file, manifest } = await packed({ state: { text: state, passphrase } });
    const archive = await openArchive(file);

    expect([archive.stateForm, manifest.state]).toEqual(["encrypted", "encrypted"]);
    expect((await archive.state(passphrase))?.unwrap()).toBe(state.unwrap());
    expect(await failure(archive.state())).toMatchObject({
      code: "config",
      message: `Cannot read the state of the cluster in "${file}": it is encrypted, and no passphrase is given\n  Give the passphrase that was set when the snapshot was taken`,
    });
    expect(await failure(archive.state(new Secret("wrong")))).toMatchObject({ code: "config" });
    expect((await readFile(file)).includes("desiredState")).toBe(false);
    await archive.close();
  });

  it("reads what the tools of rke packed, also when the file has another name by now", async () => {
    const file = await zipOf({ "/backup/daily": database, "/etc/kubernetes/daily.rkestate": "{}" });
    const renamed = join(file, "../renamed.zip");
    await rename(file, renamed);

    const archive = await openArchive(renamed, { name: "renamed" });

    expect(archive).toMatchObject({ name: "daily", manifest: undefined, stateForm: "plain" });
    expect(await bytesOf(archive.database())).toEqual(database);
    expect((await archive.state())?.unwrap()).toBe("{}");
    await archive.close();
  });

  it("reads what somebody packed again, without the first slash", async () => {
    const archive = await openArchive(await zipOf({ "backup/daily": database }));

    expect(archive).toMatchObject({ name: "daily", stateForm: "none" });
    expect(await archive.state()).toBeUndefined();
    await archive.close();
  });

  it("reads a database as it is, by the name of its file or the one that is given", async () => {
    const file = await fileOf(database);
    const [archive, named] = [await openArchive(file), await openArchive(file, { name: "mine" })];

    expect([archive.name, named.name, archive.stateForm]).toEqual(["a-snapshot", "mine", "none"]);
    expect(await bytesOf(archive.database())).toEqual(database);
    expect(await named.verify()).toEqual({ sha256: sha256Of(database) });
    await Promise.all([archive.close(), named.close()]);
  });

  it("lets several read at once, and one stop half-way", async () => {
    const large = aDatabase({ pages: 1000 });
    const archive = await openArchive((await packed({ database: inPieces(large, 60_000) })).file);

    for await (const chunk of archive.database()) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    const [one, two] = await Promise.all([bytesOf(archive.database()), bytesOf(archive.database())]);

    expect([one.equals(large), two.equals(large)]).toEqual([true, true]);
    await archive.close();
  });

  it("stops when it is told to", async () => {
    const archive = await openArchive((await packed()).file);

    await expect(archive.verify(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    await archive.close();
  });

  it.each<[string, () => Promise<string>, string | RegExp]>([
    ["a text", () => fileOf("hello"), /it is no whole snapshot of etcd: 5 bytes/],
    ["an empty file", () => fileOf(""), /it is no whole snapshot of etcd: 0 bytes/],
    ["a copied data file", () => fileOf(Buffer.alloc(32_768)), /it is a copied data file/],
    ["half a zip", async () => fileOf((await readFile((await packed()).file)).subarray(0, 900)), /it is cut off/],
    ["another zip", () => zipOf({ "readme.txt": "hello" }), /it is a zip without a snapshot/],
    [
      "a zip of two",
      () => zipOf({ "/backup/a": database, "/backup/b": database }),
      /several snapshots are in it.*: a, b/,
    ],
    ["a zip of half a database", () => zipOf({ "/backup/a": database.subarray(0, 777) }), /777 bytes/],
    [
      "a manifest of another",
      () => zipOf({ "/backup/a": database, "/backup/a.manifest.json": "{}" }),
      /its manifest is not as/,
    ],
    [
      "a manifest that is none",
      () => zipOf({ "/backup/a": database, "/backup/a.manifest.json": "{" }),
      /manifest is no JSON/,
    ],
    ["what is not there", async () => "/nowhere/a.zip", "there is no such file"],
    ["a folder", async () => aFolder(), "it is a folder"],
  ])("refuses %s", async (_, file, because) => {
    const error = await failure(openArchive(await file()));

    expect(error).toMatchObject({ code: "storage", detail: { because: expect.stringMatching(because) } });
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ["whose database has changed", () => fileOf(changedAt(database, 700)), /the database in it has changed since etcd/],
    [
      "whose database changed before it was packed",
      () => zipOf({ "/backup/a": changedAt(database, 700) }),
      /since etcd wrote it/,
    ],
    [
      "whose database was exchanged",
      async () => {
        const manifest = JSON.stringify((await packed()).manifest);
        const name = "/backup/before-upgrade";
        return zipOf({ [name]: aDatabase({ fill: 3 }), [`${name}.manifest.json`]: manifest });
      },
      /not the one that its manifest describes/,
    ],
    ["that has changed", async () => fileOf(changedAt(await readFile((await packed()).file), 300)), /changed|bytes/],
    [
      "whose state has changed",
      () => withBrokenState(),
      /"\/etc\/kubernetes\/a.rkestate" in it has|what is packed in it/,
    ],
  ])("finds an archive %s when all of it is read", async (_, file, because) => {
    const archive = await openArchive(await file());

    const error = await failure(archive.verify());

    expect(error).toMatchObject({ code: "storage", detail: { because: expect.stringMatching(because) } });
    await archive.close();
  });

  it("ends the stream of a database that has changed in an error", async () => {
    const archive = await openArchive(await fileOf(changedAt(database, 700)));

    expect(await failure(bytesOf(archive.database()))).toMatchObject({ code: "storage" });
    await archive.close();
  });
});

function changedAt(content: Buffer, at: number): Buffer {
  const changed = Buffer.from(content);
  changed[at] = (changed[at] ?? 0) ^ 0x10;
  return changed;
}

async function withBrokenState(): Promise<string> {
  const file = await zipOf({ "/backup/a": database, "/etc/kubernetes/a.rkestate": "certificates and keys" });
  const content = await readFile(file);
  const headerAt = content.indexOf("/etc/kubernetes/a.rkestate");
  await mkdir(join(file, "../changed"));
  const broken = join(file, "../changed/a.zip");
  await writeFile(broken, changedAt(content, headerAt + "/etc/kubernetes/a.rkestate".length + 8));
  return broken;
}
