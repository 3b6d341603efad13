import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";

import { goYaml } from "../../../../provider/desired/files/go-yaml.ts";

describe("goYaml()", () => {
  it.each([
    ["plain", "plain"],
    ["two words", "two words"],
    ["-dash", "-dash"],
    [":colon", ":colon"],
    ["?mark", "?mark"],
    ["/api*", "/api*"],
    ["a,b", "a,b"],
    ["it's", "it's"],
    ["a\\b", "a\\b"],
    ["é 😀", "é 😀"],
    ["2.0.1", "2.0.1"],
    ["10.0.0.1", "10.0.0.1"],
    ["0b12", "0b12"],
    ["tRue", "tRue"],
    ["nULL", "nULL"],
    ["1h30m", "1h30m"],
  ])("goYaml() writes %j as it is", (text, written) => {
    expect(goYaml({ k: text })).toBe(`k: ${written}\n`);
  });

  it.each([
    "",
    "true",
    "False",
    "yes",
    "NO",
    "on",
    "off",
    "y",
    "N",
    "null",
    "~",
    "<<",
    "0",
    "-1",
    "+12",
    "1_000",
    "0x1F",
    "0o17",
    "017",
    "08",
    "0b101",
    "1.5",
    ".5",
    "1.",
    "1e3",
    "-1.5E-3",
    ".inf",
    "-.Inf",
    ".NaN",
    "1:20",
    "190:20:30.15",
    "2024-01-31",
    "2024-01-31T10:00:00Z",
  ])("goYaml() puts double quotes around %j, which would be read as something else", (text) => {
    expect(goYaml({ k: text })).toBe(`k: "${text}"\n`);
  });

  it.each([
    ["-", "'-'"],
    ["a: b", "'a: b'"],
    ["a #b", "'a #b'"],
    ["a:", "'a:'"],
    ["*", "'*'"],
    ["[x]", "'[x]'"],
    ["{x}", "'{x}'"],
    ["!x", "'!x'"],
    ["&x", "'&x'"],
    ["%x", "'%x'"],
    ["@x", "'@x'"],
    ["`x", "'`x'"],
    ["#x", "'#x'"],
    ["|", "'|'"],
    ['"', "'\"'"],
    ["'", "''''"],
    ["x ", "'x '"],
  ])("goYaml() puts single quotes around %j, which is no plain word", (text, written) => {
    expect(goYaml({ k: text })).toBe(`k: ${written}\n`);
  });

  it.each([
    ["tab\tx", '"tab\\tx"'],
    ["\u0001", '"\\x01"'],
  ])("goYaml() escapes what cannot be shown in %j", (text, written) => {
    expect(goYaml({ k: text })).toBe(`k: ${written}\n`);
  });

  it.each([
    ["a\nb", "|-\n  a\n  b\n"],
    ["a\nb\n", "|\n  a\n  b\n"],
    ["x\n\ny", "|-\n  x\n\n  y\n"],
  ])("goYaml() writes the lines of %j as lines", (text, written) => {
    expect(goYaml({ k: text })).toBe(`k: ${written}`);
  });

  it("goYaml() sorts keys, and indents maps but no lists", () => {
    const text = goYaml({ b: [{ d: 1, c: [2] }, [3]], a: {}, e: [], f: null });

    expect(text).toBe("a: {}\nb:\n- c:\n  - 2\n  d: 1\n- - 3\ne: []\nf: null\n");
  });

  it("goYaml() quotes keys like values", () => {
    expect(goYaml({ yes: 1, "8": 2, plain: 3 })).toBe('"8": 2\nplain: 3\n"yes": 1\n');
  });

  it("goYaml() folds no long line", () => {
    const long = "word ".repeat(60).trim();

    expect(goYaml({ k: long })).toBe(`k: ${long}\n`);
  });

  it("goYaml() writes an object that stands in two places twice", () => {
    const shared = { a: 1 };

    expect(goYaml({ x: shared, z: shared })).toBe("x:\n  a: 1\nz:\n  a: 1\n");
  });

  it("goYaml() writes what is read back as it was", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constantFrom("a\nb", " x", "y: z", "1_0"));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie("tree"), { maxKeys: 3 }),
      ),
    }));

    fc.assert(
      fc.property(tree, (value) => {
        const wanted = JSON.parse(JSON.stringify({ value }));
        expect(load(goYaml({ value }))).toEqual(wanted);
      }),
    );
  });
});
