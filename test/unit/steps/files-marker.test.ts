import { describe, expect, it } from "vitest";

import { parseMarker, printMarker } from "../../../provider/steps/files-marker.ts";

const marker = {
  "/etc/kubernetes/b": { sha256: "b", writtenAtMs: 2 },
  "/etc/kubernetes/a": { sha256: "a", writtenAtMs: 1 },
};

describe("parseMarker()", () => {
  it("reads what printMarker() has written", () => {
    expect(parseMarker(printMarker(marker))).toEqual(marker);
  });

  it.each(["", "{", "[]", '{ "/a": 1 }'])("takes %j for no note at all", (text) => {
    expect(parseMarker(text)).toEqual({});
  });
});

describe("printMarker()", () => {
  it("writes the same text whatever the order was", () => {
    const reversed = Object.fromEntries(Object.entries(marker).reverse());

    expect(printMarker(reversed)).toBe(printMarker(marker));
  });
});
