import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { folderStore } from "../../../provider/snapshots/folder-store.ts";
import { aFolder, sha256Of } from "./world.ts";

const content = Buffer.from("an archive ".repeat(10_000));
const sha256 = sha256Of(content);

async function aStore() {
  const folder = await aFolder();
  const file = join(folder, "source");
  await writeFile(file, content);
  const place = join(folder, "kept/here");
  return { store: folderStore(place), place, file, folder };
}

describe("folderStore()", () => {
  it("keeps what it is given, for its owner only, and gives it back", async () => {
    const { store, place, file, folder } = await aStore();

    await store.put("a.zip", file, { sha256 });
    const found = await store.get("a.zip", join(folder, "back"));

    expect(found).toEqual({ sizeBytes: content.length, sha256, modifiedAt: expect.any(Date) });
    expect(await readFile(join(folder, "back"))).toEqual(content);
    expect(await store.find("a.zip")).toEqual(found);
    const modes = await Promise.all([place, join(place, "a.zip"), join(folder, "back")].map((path) => stat(path)));
    expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(["700", "600", "600"]);
  });

  it("notes the checksum as sha256sum reads it", async () => {
    const { store, place, file } = await aStore();

    await store.put("a.zip", file, { sha256 });

    expect(await readFile(join(place, "a.zip.sha256"), "utf8")).toBe(`${sha256}  a.zip\n`);
    expect((await readdir(place)).sort()).toEqual(["a.zip", "a.zip.sha256"]);
  });

  it("never replaces another archive", async () => {
    const { store, place, file } = await aStore();
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "a.zip"), "somebody's");

    await expect(store.put("a.zip", file, { sha256 })).rejects.toMatchObject({
      code: "storage",
      detail: { because: "another snapshot of that name is there, and none is ever replaced" },
    });
    expect(await readFile(join(place, "a.zip"), "utf8")).toBe("somebody's");
  });

  it("has nothing to do for the archive that is there already, noted or not", async () => {
    const { store, place, file } = await aStore();
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "a.zip"), content);

    await store.put("a.zip", file, { sha256 });
    await store.put("a.zip", file, { sha256 });

    expect(await store.find("a.zip")).toMatchObject({ sha256 });
  });

  it("keeps nothing that is not what it was told", async () => {
    const { store, place, file } = await aStore();

    await expect(store.put("a.zip", file, { sha256: sha256Of(Buffer.from("other")) })).rejects.toMatchObject({
      code: "storage",
      detail: { because: expect.stringContaining("what arrived is not what was sent") },
    });
    expect(await readdir(place)).toEqual([]);
  });

  it("keeps nothing when it is stopped", async () => {
    const { store, file, place } = await aStore();
    await store.check();

    await expect(store.put("a.zip", file, { sha256, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
    expect(await readdir(place)).toEqual([]);
  });

  it("clears away what a run that was killed has left of the same name, and nothing else", async () => {
    const { store, file, place } = await aStore();
    await mkdir(place, { recursive: true });
    const left = [".a.zip.0123456789abcdef.part", ".a.zip.x.part", ".a.zip.zip.0123456789abcdef.part"];
    for (const name of left) await writeFile(join(place, name), "half");

    await store.put("a.zip", file, { sha256 });

    expect((await readdir(place)).sort()).toEqual([
      ".a.zip.x.part",
      ".a.zip.zip.0123456789abcdef.part",
      "a.zip",
      "a.zip.sha256",
    ]);
  });

  it("gives nothing back that has changed since, and leaves no file of it", async () => {
    const { store, file, folder, place } = await aStore();
    await store.put("a.zip", file, { sha256 });
    await writeFile(join(place, "a.zip"), "changed");

    await expect(store.get("a.zip", join(folder, "back"))).rejects.toMatchObject({
      code: "storage",
      detail: { because: expect.stringContaining("it is not what was stored") },
    });
    await expect(stat(join(folder, "back"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("gives back what somebody else put there, without a checksum to compare", async () => {
    const { store, folder, place } = await aStore();
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "by-rke.zip"), "zip");

    expect(await store.get("by-rke.zip", join(folder, "back"))).toMatchObject({ sizeBytes: 3, sha256: undefined });
  });

  it("says when there is none, also without a folder", async () => {
    const { store, folder } = await aStore();

    expect(await store.find("a.zip")).toBeUndefined();
    expect(await store.get("a.zip", join(folder, "back"))).toBeUndefined();
    expect(await store.list()).toEqual([]);
    await store.remove("a.zip");
  });

  it("lists archives, newest first, and neither checksums nor unfinished files nor folders", async () => {
    const { store, file, place } = await aStore();
    for (const [name, day] of [
      ["old.zip", 1],
      ["new.zip", 3],
      ["middle", 2],
    ] as const) {
      await store.put(name, file, { sha256 });
      await utimes(join(place, name), new Date(day * 86_400_000), new Date(day * 86_400_000));
    }
    await writeFile(join(place, ".x.part"), "");
    await mkdir(join(place, "folder"));

    const listed = await store.list();

    expect(listed.map(({ name }) => name)).toEqual(["new.zip", "middle", "old.zip"]);
    expect(listed[0]).toEqual({
      name: "new.zip",
      sizeBytes: content.length,
      sha256,
      modifiedAt: new Date(3 * 86_400_000),
    });
  });

  it("deletes by the exact name", async () => {
    const { store, file, place } = await aStore();
    for (const name of ["prod.zip", "prod.zip-2", "prod-2.zip", "prod"]) await store.put(name, file, { sha256 });

    await store.remove("prod.zip");
    await store.remove("prod.zip");

    expect((await store.list()).map(({ name }) => name).sort()).toEqual(["prod", "prod-2.zip", "prod.zip-2"]);
    expect(await readdir(place)).not.toContain("prod.zip.sha256");
  });

  it.each(["../a.zip", "a/b.zip", ".a.zip", ""])("refuses the name %j", async (name) => {
    const { store, file } = await aStore();

    await expect(store.put(name, file, { sha256 })).rejects.toMatchObject({ code: "config" });
    await expect(store.remove(name)).rejects.toMatchObject({ code: "config" });
    await expect(store.find(name)).rejects.toMatchObject({ code: "config" });
    await expect(store.get(name, file)).rejects.toMatchObject({ code: "config" });
  });
});

describe("folderStore().check()", () => {
  it("makes the folder, and leaves nothing in it", async () => {
    const { store, place } = await aStore();

    await store.check();

    expect(await readdir(place)).toEqual([]);
  });

  it("says when a part of the path is a file", async () => {
    const { file } = await aStore();

    await expect(folderStore(join(file, "below")).check()).rejects.toMatchObject({
      code: "storage",
      message: `Cannot keep snapshots in ${join(file, "below")}: a part of its path is no folder`,
    });
  });

  it.skipIf(process.getuid?.() === 0)("says when this user may not write there", async () => {
    const { store, place } = await aStore();
    await store.check();
    await chmod(place, 0o500);

    await expect(store.check()).rejects.toMatchObject({ detail: { because: "this user may not do that" } });
  });
});
