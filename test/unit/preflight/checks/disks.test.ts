import { describe, expect, it } from "vitest";

import { GIB, linesFor, type Seen } from "../a-fleet-seen.ts";

const disk = (freeGib: number, totalGib = 100) => ({ freeBytes: freeGib * GIB, totalBytes: totalGib * GIB });

const seen = (disks: Readonly<Record<string, ReturnType<typeof disk>>>, images?: string[]): Seen => ({
  machines: { "10.0.0.1": { disks } },
  ...(images && { nodes: { "10.0.0.1": { images } } }),
});

describe("diskSpace()", () => {
  it.each([
    [
      "no room for images that are still to come",
      seen({ "/var/lib/docker": disk(1) }, []),
      "error",
      "the images want 5.0 GiB",
    ],
    ["little room for them", seen({ "/var/lib/docker": disk(3) }, []), "warning", "the images want 5.0 GiB"],
    ["no room for etcd", seen({ "/var/lib/etcd": disk(0.5) }), "error", "etcd wants 4.0 GiB"],
    ["little room for etcd", seen({ "/var/lib/etcd": disk(3.9) }), "warning", "etcd wants 4.0 GiB"],
    [
      "images that fill their disk",
      seen({ "/var/lib/docker": disk(14) }),
      "warning",
      "the kubelet evicts pods below 15.0 GiB",
    ],
    ["a root that is full", seen({ "/": disk(9) }), "warning", "the kubelet evicts pods below 10.0 GiB"],
  ])("finds %s", (_case, situation, severity, why) => {
    expect(linesFor(situation)).toEqual([expect.stringMatching(new RegExp(`^${severity} disk-space .*, and ${why}$`))]);
  });

  it("says one thing about a directory that is short of two", () => {
    expect(linesFor(seen({ "/var/lib/docker": disk(1) }, []))).toHaveLength(1);
  });

  it("says nothing of directories that nobody could measure", () => {
    expect(linesFor(seen({}))).toEqual([]);
  });
});

describe("slowDisk()", () => {
  it.each([
    [9, []],
    [35, ["warning slow-disk node-1 (10.0.0.1): its disk takes 35 ms for a small write to last, and etcd wants 10 ms"]],
    [140, ["error slow-disk node-1 (10.0.0.1): its disk takes 140 ms for a small write to last, and etcd wants 10 ms"]],
  ])("judges a disk that takes %i ms", (writeMs, expected) => {
    expect(linesFor({}, { fsync: [{ node: "10.0.0.1", writeMs }] })).toEqual(expected);
  });
});
