import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";

import { readAll } from "../../../provider/hosts/http.ts";
import { snapshotFolder } from "../../../provider/snapshots/manifest.ts";
import { helperNames } from "../../../provider/steps/our-containers.ts";
import {
  clearSnapshotFolder,
  measureSnapshots,
  readSnapshot,
  removeSnapshots,
  unfinishedSnapshot,
  writeSnapshot,
} from "../../../provider/steps/snapshot-files.ts";
import { TOOLS } from "../execute/on-a-fleet.ts";
import { NODE, oneMachine, standing } from "./on-machines.ts";

const place = { node: NODE, image: TOOLS };
const pathOf = (name: string): string => `${snapshotFolder}/${name}`;
const sha256Of = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

const content = Buffer.from("what is in it ".repeat(1000));
const file = {
  ...place,
  name: "prod.zip",
  sizeBytes: content.length,
  sha256: sha256Of(content),
  content: () => Readable.from([content]),
};

describe("writeSnapshot()", () => {
  it("writes a file for root only, and leaves no container", async () => {
    const { machine, context } = await oneMachine();

    await writeSnapshot(file, context);

    expect(machine.disk.read(pathOf("prod.zip"))?.equals(content)).toBe(true);
    expect(machine.disk.mode(pathOf("prod.zip"))).toBe(0o600);
    expect(machine.disk.list(snapshotFolder)).toEqual([pathOf("prod.zip")]);
    expect(standing(machine)).toEqual([]);
  });

  it("gives it the time at which it is written: lists of snapshots are sorted by it", async () => {
    const { machine, context } = await oneMachine();
    const now = new Date("2026-11-21T12:00:00Z");

    await writeSnapshot(file, { ...context, clock: () => now });

    expect(machine.disk.stat(pathOf("prod.zip"))?.modifiedAtMs).toBe(now.getTime());
  });

  it("never takes the name of another file", async () => {
    const { machine, context } = await oneMachine();
    machine.disk.write(pathOf("prod.zip"), "of somebody else");

    await expect(writeSnapshot(file, context)).rejects.toThrow("there is a file of that name already");

    expect(machine.disk.read(pathOf("prod.zip"))?.toString()).toBe("of somebody else");
    expect(machine.disk.list(snapshotFolder)).toEqual([pathOf("prod.zip")]);
  });

  it("gives no name to what arrived otherwise than it was sent", async () => {
    const { machine, context } = await oneMachine();

    await expect(writeSnapshot({ ...file, sha256: "0".repeat(64) }, context)).rejects.toThrow(
      /Cannot store prod\.zip on node-1 \(10\.0\.0\.1\): it ended with code 3: "what arrived has the checksum/,
    );

    expect(machine.disk.list(snapshotFolder)).toEqual([]);
  });

  it("says that the disk is full", async () => {
    const { machine, context } = await oneMachine();
    const stop = machine.world.journal.onEvent(({ kind, what }) => {
      if (kind === "container created" && what === helperNames.snapshotFiles) machine.disk.full = true;
    });

    await expect(writeSnapshot(file, context)).rejects.toThrow("no space left on device");

    stop();
    expect(machine.disk.list(snapshotFolder)).toEqual([]);
  });

  it.each(["../etc/passwd", "a b.zip", "$(reboot).zip", ".."])("refuses the name %j", async (name) => {
    const { context } = await oneMachine();

    await expect(writeSnapshot({ ...file, name }, context)).rejects.toMatchObject({ code: "internal" });
  });
});

describe("readSnapshot()", () => {
  it("hands over what is in the file", async () => {
    const { machine, context } = await oneMachine();
    machine.disk.write(pathOf("prod.zip"), content);

    const read = await readSnapshot(
      { ...place, name: "prod.zip" },
      { context, work: async (found) => (found === undefined ? undefined : readAll(found.content)) },
    );

    expect(read?.equals(content)).toBe(true);
    expect(standing(machine)).toEqual([]);
  });

  it("says so when there is no such file", async () => {
    const { context } = await oneMachine();

    const found = await readSnapshot({ ...place, name: "prod.zip" }, { context, work: async (file) => file });

    expect(found).toBeUndefined();
  });
});

describe("measureSnapshots()", () => {
  it("tells size and checksum of those files that are there", async () => {
    const { machine, context } = await oneMachine();
    machine.disk.write(pathOf("prod.zip"), content);

    const found = await measureSnapshots({ ...place, names: ["prod.zip", "prod-2.zip"] }, context);

    expect([...found]).toEqual([["prod.zip", { sizeBytes: content.length, sha256: sha256Of(content) }]]);
  });
});

describe("removeSnapshots()", () => {
  it("removes the file of that name, and none that begins like it", async () => {
    const { machine, context } = await oneMachine();
    for (const name of ["prod.zip", "prod-2.zip", "prod"]) machine.disk.write(pathOf(name), content);

    await removeSnapshots({ ...place, names: ["prod.zip"] }, context);

    expect(machine.disk.list(snapshotFolder)).toEqual([pathOf("prod-2.zip"), pathOf("prod")]);
  });
});

describe("clearSnapshotFolder()", () => {
  it("takes away what a killed run has left, and says how much room there is", async () => {
    const { machine, context } = await oneMachine({ nodes: [{ name: "node-1", address: NODE, diskBytes: 1e9 }] });
    for (const name of [unfinishedSnapshot, "prod.zip"]) machine.disk.write(pathOf(name), content);

    const { freeBytes } = await clearSnapshotFolder(place, context);

    expect(machine.disk.list(snapshotFolder)).toEqual([pathOf("prod.zip")]);
    expect(freeBytes).toBeGreaterThan(1e9 - 1e8);
    expect(freeBytes).toBeLessThan(1e9);
  });
});
