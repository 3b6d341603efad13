import { describe, expect, it } from "vitest";

import { plural, table } from "../../../provider/cli/table.ts";

describe("table()", () => {
  it("table() lines up its columns, and leaves nothing behind the last word of a line", () => {
    expect(
      table(
        ["A", "LONG"],
        [
          ["one", "1"],
          ["seventeen", ""],
        ],
      ),
    ).toBe("A          LONG\none        1\nseventeen\n");
  });

  it("table() is its header where there are no rows", () => {
    expect(table(["A", "B"], [])).toBe("A  B\n");
  });
});

describe("plural()", () => {
  it.each([
    [0, "0 nodes"],
    [1, "1 node"],
    [2, "2 nodes"],
  ])("plural() of %i is %s", (count, text) => {
    expect(plural(count, "node")).toBe(text);
  });
});
