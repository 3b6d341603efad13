import { describe, expect, it } from "vitest";

import { tar, untar } from "../../fleet/tar.ts";

describe("untar()", () => {
  it("reads what tar() wrote", () => {
    const entries = [
      { name: "a", content: Buffer.from("one"), mode: 0o600 },
      { name: "folder/b", content: Buffer.alloc(1025, 7), mode: 0o644 },
      { name: "empty", content: Buffer.alloc(0), mode: 0o400 },
    ];

    expect(untar(tar(entries))).toEqual(entries);
  });

  it("refuses an archive that was cut off", () => {
    const archive = tar([{ name: "a", content: Buffer.alloc(2000, 1), mode: 0o600 }]);

    expect(() => untar(archive.subarray(0, 1024))).toThrow("unexpected EOF");
  });
});
