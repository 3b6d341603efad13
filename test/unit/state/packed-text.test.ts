import { describe, expect, it } from "vitest";

import { packed, unpacked } from "../../../provider/state/packed-text.ts";

const machines = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`10.0.0.${index}`, { os: "Debian", index }]));

describe("packed()", () => {
  it("leaves what is small as JSON", () => {
    expect(packed(machines(3))).toBe(JSON.stringify(machines(3)));
  });

  it("makes what is large a fraction of its size, and gives it back whole", () => {
    const large = machines(5000);

    const text = packed(large);

    expect(text.length).toBeLessThan(JSON.stringify(large).length / 5);
    expect(unpacked(text)).toEqual(large);
  });
});

describe("unpacked()", () => {
  it.each([
    ["a tree", machines(2)],
    ["nothing", undefined],
  ])("gives back %s as it is", (_, value) => {
    expect(unpacked(value)).toBe(value);
  });

  it.each(["{", "deflate:", "deflate:AAAA"])("gives back %s, which is of no form, for the schema to refuse", (text) => {
    expect(unpacked(text)).toBe(text);
  });
});
