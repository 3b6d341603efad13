import { describe, expect, it } from "vitest";

import { tar, untar } from "../../fleet/tar.ts";

describe("untar()", () => {
  it("reads what tar() wrote", () => {
    const entries = [
      { name: "a", content: Buffer.from("one"), mode: 0o600, modifiedAtMs: 0 },
      { name: "folder/b", content: Buffer.alloc(1025, 7), mode: 0o644, modifiedAtMs: 1_795_248_000_000 },
      { name: "empty", content: Buffer.alloc(0), mode: 0o400, modifiedAtMs: 1000, owner: { uid: 1, gid: 2 } },
    ];

    expect(untar(tar(entries))).toEqual(entries);
  });

  it("refuses an archive that was cut off", () => {
    const archive = tar([{ name: "a", content: Buffer.alloc(2000, 1), mode: 0o600 }]);

    expect(() => untar(archive.subarray(0, 1024))).toThrow("unexpected EOF");
  });
});
