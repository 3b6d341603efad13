import { describe, expect, it } from "vitest";

import { withoutEmpty } from "../../../../provider/desired/files/without-empty.ts";

describe("withoutEmpty()", () => {
  it("withoutEmpty() leaves out nothing, empty texts, zero, false and empty lists", () => {
    const value = { a: null, b: undefined, c: "", d: 0, e: false, f: [], g: "x", h: 1, i: true, j: [0] };

    expect(withoutEmpty(value)).toEqual({ g: "x", h: 1, i: true, j: [0] });
  });

  it("withoutEmpty() goes into lists and objects, and keeps objects that end up empty", () => {
    expect(withoutEmpty({ a: [{ b: "", c: { d: "" } }], e: { f: [] } })).toEqual({ a: [{ c: {} }], e: {} });
  });
});
