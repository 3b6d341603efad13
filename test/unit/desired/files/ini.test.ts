import { describe, expect, it } from "vitest";

import { ini } from "../../../../provider/desired/files/ini.ts";

describe("ini()", () => {
  it("ini() lines up the equals signs of each section, and ends it with an empty line", () => {
    const text = ini([
      { name: "Global", values: { user: "u", "tenant-id": "t" } },
      { name: "Route", values: { "router-id": "r" } },
    ]);

    expect(text).toBe("[Global]\nuser      = u\ntenant-id = t\n\n[Route]\nrouter-id = r\n\n");
  });

  it("ini() leaves out what is empty, and keeps the section", () => {
    const text = ini([{ name: "Global", values: { a: "", b: 0, c: false, d: undefined, e: true, f: 5 } }]);

    expect(text).toBe("[Global]\ne = true\nf = 5\n\n");
  });

  it("ini() lines up with what is written only", () => {
    expect(ini([{ name: "Global", values: { "a-very-long-name": "", b: "1" } }])).toBe("[Global]\nb = 1\n\n");
  });

  it.each([
    ["p;w#d", "p;w#d"],
    ['pa"ss', 'pa"ss'],
    [" x", '" x"'],
    ["x\t", '"x\t"'],
    ["a`b", '"""a`b"""'],
    ["a\nb", '"""a\nb"""'],
  ])("ini() writes the value %j as %j", (value, written) => {
    expect(ini([{ name: "S", values: { k: value } }])).toBe(`[S]\nk = ${written}\n\n`);
  });
});
