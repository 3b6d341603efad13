import { describe, expect, it } from "vitest";

import { refuseUnsupported } from "../../../sdk/refusals.ts";

describe("refuseUnsupported()", () => {
  it.each([
    ["RkeIdentity", /adopt: \{ rkeState \}.*RkeIdentity\.get/],
    ["RkeNode", /is created by looking at it/],
    ["RkeCluster", /adopt: \{ rkeState \}.*RkeCluster\.get/],
  ] as const)("says what to do in place of importing an %s", (kind, way) => {
    expect(() => refuseUnsupported(kind, "prod", { import: "x" })).toThrow(way);
  });

  it("says which runtime it takes when the program runs with bun", () => {
    expect(() => refuseUnsupported("RkeNode", "web-1", undefined, { bun: "1.3.0" })).toThrow(
      /Cannot declare RkeNode "web-1".*\n {2}Set "runtime: nodejs" in Pulumi\.yaml/,
    );
  });

  it("has nothing against a resource that is declared", () => {
    expect(() => refuseUnsupported("RkeNode", "web-1", { protect: true })).not.toThrow();
  });
});
