import { describe, expect, it } from "vitest";

import { booleanOf, isNull, numberOf, scalarKind } from "../../../../provider/config/yaml/scalars.ts";

const plain = (text: string) => ({ plain: true, text });
const quoted = (text: string) => ({ plain: false, text });

describe("booleanOf()", () => {
  it.each(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])(
    "takes plain %s for true",
    (text) => {
      expect(booleanOf(plain(text))).toBe(true);
    },
  );

  it.each(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])(
    "takes plain %s for false",
    (text) => {
      expect(booleanOf(plain(text))).toBe(false);
    },
  );

  it.each(["yES", "tRUE", "1", "", "ja"])("takes plain %j for no boolean", (text) => {
    expect(booleanOf(plain(text))).toBeUndefined();
  });

  it("takes nothing in quotes for a boolean", () => {
    expect(booleanOf(quoted("true"))).toBeUndefined();
  });
});

describe("numberOf()", () => {
  it.each([
    ["0", 0],
    ["-0", 0],
    ["42", 42],
    ["+42", 42],
    ["-42", -42],
    ["0x10", 16],
    ["-0x10", -16],
    ["010", 8],
    ["0o17", 15],
    ["0b101", 5],
    ["1_000", 1000],
    ["1.5", 1.5],
    [".5", 0.5],
    ["1e3", 1000],
    ["08", 8],
  ])("reads %s as %d", (text, value) => {
    expect(numberOf(plain(text))).toBe(value);
  });

  it.each(["", "10:20", "0xg", "1.2.3", "abc", ".", "_1", "v1", ".inf"])("takes %j for no number", (text) => {
    expect(numberOf(plain(text))).toBeUndefined();
  });

  it("takes nothing in quotes for a number", () => {
    expect(numberOf(quoted("1"))).toBeUndefined();
  });
});

describe("isNull()", () => {
  it.each(["", "~", "null", "Null", "NULL"])("takes plain %j for nothing", (text) => {
    expect(isNull(plain(text))).toBe(true);
  });

  it.each([quoted(""), quoted("null"), plain("nULL"), plain("0")])("takes %j for something", (scalar) => {
    expect(isNull(scalar)).toBe(false);
  });
});

describe("scalarKind()", () => {
  it.each([
    ["~", "nothing"],
    ["no", "a boolean"],
    ["7", "a number"],
    ["etcd", "a text"],
  ])("calls plain %s %s", (text, kind) => {
    expect(scalarKind(plain(text))).toBe(kind);
  });
});
