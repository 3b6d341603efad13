import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { packed, unpacked } from "../../../provider/hosts/archive.ts";
import { Secret } from "../../../provider/secrets.ts";
import { tar } from "../../fleet/tar.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9./-]{0,80}$/);
const file = fc.record({
  name,
  content: fc.uint8Array({ maxLength: 1200 }).map((bytes) => Buffer.from(bytes)),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 2_000_000 }),
  gid: fc.integer({ min: 0, max: 2_000_000 }),
  modifiedAtMs: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
});

describe("packed()", () => {
  it("is undone by unpacked()", () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 5 }), (files) => {
        expect(unpacked(packed(files))).toEqual(files);
      }),
    );
  });

  it("packs what is secret", () => {
    const archive = packed([{ name: "key.pem", content: new Secret("key"), mode: 0o600 }]);

    expect(unpacked(archive)[0]?.content.toString()).toBe("key");
  });

  it("refuses a name that does not fit", () => {
    const long = { name: "a".repeat(101), content: Buffer.alloc(0), mode: 0o600 };

    expect(() => packed([long])).toThrow(RangeError);
  });
});

describe("unpacked()", () => {
  it("reads nothing from an empty archive", () => {
    expect(unpacked(Buffer.alloc(1024))).toEqual([]);
  });

  it("takes a file for broken whose end is missing", () => {
    const archive = packed([{ name: "a", content: Buffer.alloc(2000), mode: 0o600 }]);

    expect(() => unpacked(archive.subarray(0, 1024))).toThrow("the archive ends in the middle of a file");
  });

  it.each([
    ["pax", "x", "19 path=long/name\n"],
    ["GNU", "L", "long/name\0"],
  ])("takes a long name from a header of %s", (_, type, text) => {
    const header = tar([{ name: "header", content: Buffer.from(text), mode: 0 }]);
    header.write(type, 156);
    const body = tar([{ name: "short", content: Buffer.from("text"), mode: 0o644 }]);

    const files = unpacked(Buffer.concat([header.subarray(0, 1024), body]));

    expect(files.map((found) => [found.name, found.content.toString()])).toEqual([["long/name", "text"]]);
  });
});
