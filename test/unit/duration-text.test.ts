import { describe, expect, it } from "vitest";

import { durationText } from "../../provider/duration-text.ts";

describe("durationText()", () => {
  it.each([
    [0, "0.0 s"],
    [120, "0.1 s"],
    [4100, "4.1 s"],
    [9949, "9.9 s"],
    [9950, "10 s"],
    [90_000, "90 s"],
    [599_999, "600 s"],
    [600_000, "10 min"],
    [5_400_000, "90 min"],
  ])("writes %s ms as %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
