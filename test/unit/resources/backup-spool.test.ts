import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { refuseFullDisk, refuseFullSpool, sizeText } from "../../../provider/resources/backup-room.ts";
import { withSpool } from "../../../provider/resources/backup-spool.ts";

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-spool-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** No process has it: the largest number that Linux gives away is smaller. */
const nobody = 4_194_305;

describe("withSpool()", () => {
  it("is a folder for the time of the work", async () => {
    const folder = aFolder();

    const during = await withSpool({ folder }, async (spool) => {
      writeFileSync(join(spool, "a file"), "");
      return readdirSync(folder).length;
    });

    expect([during, readdirSync(folder)]).toEqual([1, []]);
  });

  it("is gone after a failure", async () => {
    const folder = aFolder();

    await expect(withSpool({ folder }, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");

    expect(readdirSync(folder)).toEqual([]);
  });

  it("sweeps away what a killed process has left, and nothing of living ones or of others", async () => {
    const folder = aFolder();
    const living = `.pulumi-rke-spool-${process.ppid}-abc`;
    for (const name of [`.pulumi-rke-spool-${nobody}-abc`, living, "other"]) mkdirSync(join(folder, name));

    await withSpool({ folder }, async () => undefined);

    expect(readdirSync(folder).sort()).toEqual([living, "other"]);
  });
});

describe("refuseFullSpool()", () => {
  it("accepts what fits", async () => {
    await expect(refuseFullSpool(aFolder(), 1)).resolves.toBeUndefined();
  });

  it("says what is free and what is wanted", async () => {
    await expect(refuseFullSpool(aFolder(), 1e18)).rejects.toThrow(
      /has [\d.]+ \w+ free, and up to 1000000000\.0 GB are/,
    );
  });
});

describe("refuseFullDisk()", () => {
  it("names the machine", () => {
    expect(() => refuseFullDisk(1e6, { wantedBytes: 2e9, machine: "etcd-1 (10.0.0.1)" })).toThrow(
      "Cannot store a snapshot of etcd on etcd-1 (10.0.0.1): /opt/rke/etcd-snapshots has 1 MB free, and up to 2.0 GB",
    );
  });
});

describe("sizeText()", () => {
  it.each([
    [0, "0 kB"],
    [1, "1 kB"],
    [1_500_000, "2 MB"],
    [2_100_000_000, "2.1 GB"],
  ])("writes %d bytes as %s", (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
