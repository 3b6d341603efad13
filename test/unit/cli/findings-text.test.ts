import { describe, expect, it } from "vitest";

import { findingsText } from "../../../provider/cli/findings-text.ts";

const finding = (place: object) => ({ path: [], yamlPath: "a.b", reason: "It is wrong", ...place });

describe("findingsText()", () => {
  it("findingsText() is a line for each finding, as compilers print them, failures first", () => {
    const text = findingsText("c.yml", {
      failures: [finding({ line: 3, column: 7 })],
      warnings: [finding({ line: 1, column: 1, reason: "It is odd" })],
    });

    expect(text).toBe("c.yml:3:7: error: a.b: It is wrong\nc.yml:1:1: warning: a.b: It is odd\n");
  });

  it.each([
    ["a finding without a place", { line: undefined, column: undefined }, "c.yml: error: a.b: It is wrong\n"],
    ["a finding about the whole file", { yamlPath: "" }, "c.yml: error: It is wrong\n"],
  ])("findingsText() writes %s without what it does not have", (_, place, text) => {
    expect(findingsText("c.yml", { failures: [finding(place)], warnings: [] })).toBe(text);
  });

  it("findingsText() is empty when there is nothing to say", () => {
    expect(findingsText("c.yml", { failures: [], warnings: [] })).toBe("");
  });
});
