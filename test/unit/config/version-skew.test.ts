import { describe, expect, it } from "vitest";

import { versionSkew } from "../../../provider/config/version-skew.ts";

describe("versionSkew()", () => {
  it.each([
    ["v1.31.6-rancher1-1", "v1.31.6-rancher1-1", { kind: "same" }],
    ["v1.31.6-rancher1-1", "v1.31.6-rancher1-2", { kind: "patch" }],
    ["v1.31.6-rancher1-1", "v1.31.11-rancher1-1", { kind: "patch" }],
    ["v1.31.6-rancher1-1", "v1.32.7-rancher1-1", { kind: "minor" }],
    ["v1.29.15-rancher1-1", "v1.32.7-rancher1-1", { kind: "skip", skipped: ["v1.30", "v1.31"] }],
    ["v1.32.7-rancher1-1", "v1.32.2-rancher1-1", { kind: "downgrade" }],
    ["v1.32.7-rancher1-1", "v1.31.11-rancher1-1", { kind: "downgrade" }],
  ])("from %s to %s", (from, to, skew) => {
    expect(versionSkew(from, to)).toEqual(skew);
  });
});
