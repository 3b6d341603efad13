import { describe, expect, it } from "vitest";

import { positionsIn } from "../../../../provider/config/yaml/lines.ts";

describe("positionsIn()", () => {
  it.each([
    ["\n", "ab\ncd\n\nef"],
    ["\r\n", "ab\r\ncd\r\n\r\nef"],
    ["\r", "ab\rcd\r\ref"],
  ])("counts lines that end in %j from one", (_, text) => {
    const positionOf = positionsIn(text);

    expect([positionOf(0), positionOf(text.indexOf("d")), positionOf(text.indexOf("f"))]).toEqual([
      { line: 1, column: 1 },
      { line: 2, column: 2 },
      { line: 4, column: 2 },
    ]);
  });

  it("finds the end of the text", () => {
    expect(positionsIn("ab\n")(3)).toEqual({ line: 2, column: 1 });
  });
});
