import { describe, expect, it } from "vitest";

import { firmGround } from "../../../provider/config/firm-ground.ts";

describe("firmGround()", () => {
  const ground = firmGround([["nodes", 0, "role"]]);

  it.each([
    [["nodes", 0, "role"], false, false, true],
    [["nodes", 0, "role", 1], false, false, false],
    [["nodes", 0], true, false, true],
    [["nodes"], true, false, true],
    [[], true, false, true],
    [["nodes", 0, "user"], true, true, false],
    [["nodes", 1, "role"], true, true, false],
  ])("judges %j", (path, isReachable, isFirm, isTainted) => {
    expect([ground.isReachable(path), ground.isFirm(path), ground.isTainted(path)]).toEqual([
      isReachable,
      isFirm,
      isTainted,
    ]);
  });

  it("is nowhere when everything is doubtful", () => {
    expect(firmGround([[]]).isReachable(["nodes"])).toBe(false);
  });

  it("takes more doubts", () => {
    const more = firmGround([]);

    more.doubt(["a", "b"]);

    expect([more.isFirm(["a"]), more.isFirm(["a", "b", "c"]), more.isFirm(["b"])]).toEqual([false, false, true]);
  });
});
