import { describe, expect, it } from "vitest";

import { durationMs } from "../../../provider/resources/duration.ts";

describe("durationMs()", () => {
  it.each([
    ["90s", 90_000],
    ["10m", 600_000],
    ["1h30m", 5_400_000],
  ])("reads %s", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(["", "10", "10 m", "soon", "-1s", "1d"])('refuses "%s"', (text) => {
    expect(durationMs(text)).toBeUndefined();
  });
});
