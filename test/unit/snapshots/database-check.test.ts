import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { DatabaseCheck } from "../../../provider/snapshots/database-check.ts";
import { aDatabase, sha256Of } from "./world.ts";

function checked(content: Buffer, cuts: readonly number[] = []) {
  const check = new DatabaseCheck();
  const places = [0, ...cuts.map((cut) => cut % content.length).sort((a, b) => a - b), content.length];
  for (const [index, place] of places.entries()) check.see(content.subarray(place, places[index + 1] ?? place));
  return check.finish();
}

describe("DatabaseCheck", () => {
  it("finds what etcd wrote to be whole, in whatever pieces it comes", () => {
    const database = aDatabase({ pages: 3 });
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), (cuts) => {
        expect(checked(database, cuts)).toEqual({ sizeBytes: database.length, sha256: sha256Of(database) });
      }),
    );
  });

  it("finds every byte that has changed", () => {
    const database = aDatabase({ pages: 2 });
    fc.assert(
      fc.property(fc.nat({ max: database.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(database);
        changed[at] = (changed[at] ?? 0) ^ by;

        expect(checked(changed, [at])).toMatch(/has changed since etcd wrote it/);
      }),
    );
  });

  it.each([
    ["nothing", 0, /it is no whole snapshot of etcd: 0 bytes/],
    ["a checksum alone", 32, /it is no whole snapshot of etcd: 32 bytes/],
    ["half of a page", 512 + 100, /it is no whole snapshot/],
    ["a data file without a checksum", 4096, /it is a copied data file/],
  ])("says what is wrong with %s", (_, length, because) => {
    expect(checked(Buffer.alloc(length))).toMatch(because);
  });
});
