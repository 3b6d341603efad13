import { describe, expect, it } from "vitest";

import { hasUnknown, unknownPaths, unknownValue } from "../../../provider/config/unknowns.ts";

describe("hasUnknown()", () => {
  it.each([[unknownValue], [[1, unknownValue]], [{ a: { b: [unknownValue] } }]])(
    "finds what is not known in %j",
    (value) => {
      expect(hasUnknown(value)).toBe(true);
    },
  );

  it.each([[undefined], [null], [0], [""], [[]], [{ a: [1, { b: "c" }] }], [`x${unknownValue}`]])(
    "finds nothing in %j",
    (value) => {
      expect(hasUnknown(value)).toBe(false);
    },
  );
});

describe("unknownPaths()", () => {
  it("names every place", () => {
    const value = { a: unknownValue, b: [1, { c: unknownValue }], d: { e: [unknownValue] } };

    expect(unknownPaths(value)).toEqual([["a"], ["b", 1, "c"], ["d", "e", 0]]);
  });

  it("names the value itself", () => {
    expect(unknownPaths(unknownValue)).toEqual([[]]);
  });
});
