import { describe, expect, it } from "vitest";

import { ADDRESSES, linesFor } from "../a-fleet-seen.ts";

const clocks = (...offsetsMs: readonly number[]) => ({
  machines: Object.fromEntries(offsetsMs.map((clockOffsetMs, index) => [ADDRESSES[index], { clockOffsetMs }])),
});

describe("clockSkew()", () => {
  it.each([
    ["a little late", [0, 0, -1_999], []],
    [
      "noticeably late",
      [0, 0, -2_500],
      ["warning clock-skew node-3 (10.0.0.3): its clock is 3 s behind the other machines"],
    ],
    [
      "far ahead",
      [0, 40_000, 0],
      ["error clock-skew node-2 (10.0.0.2): its clock is 40 s ahead of the other machines"],
    ],
    [
      "hours late",
      [0, -7_300_000, 0],
      ["error clock-skew node-2 (10.0.0.2): its clock is 2 h behind the other machines"],
    ],
    [
      "late where we are, and the others agree",
      [3_000_000, 3_000_000, 3_000_100],
      ["warning clock-skew: the clock here is 50 min behind those of the machines"],
    ],
    [
      "so far ahead where we are that certificates are not valid yet",
      [-4_000_000, -4_000_000, -4_000_000],
      ["error clock-skew: the clock here is 67 min ahead of those of the machines"],
    ],
  ])("judges clocks: %s", (_case, offsetsMs, expected) => {
    expect(linesFor(clocks(...offsetsMs))).toEqual(expected);
  });
});
