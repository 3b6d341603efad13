import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { currentVersions, knownVersions } from "../../../provider/releases/index.ts";
import { nearestVersions } from "../../../provider/releases/nearest-versions.ts";

const known = knownVersions();
const nearest = (version: string) => nearestVersions(version, { known, current: currentVersions });

describe("nearestVersions()", () => {
  it.each([
    ["v1.28.15-ranchr1-1", "v1.28.15-rancher1-1"],
    ["v1.32.7-rancher1", "v1.32.7-rancher1-1"],
    ["v1.24.17-rancher1-11", "v1.24.17-rancher1-1"],
    ["1.31.11-rancher1-1", "v1.31.11-rancher1-1"],
  ])("takes %s for a slip of the pen and begins with %s", (version, meant) => {
    expect(nearest(version)[0]).toBe(meant);
  });

  it("goes on with the newest of the minor", () => {
    expect(nearest("v1.25.99-rancher9-9")).toEqual([
      "v1.25.16-rancher2-3",
      "v1.25.16-rancher2-2",
      "v1.25.16-rancher2-1",
    ]);
  });

  it.each(["v1.33.1-rancher1-1", "v1.3.6-rancher1-1"])("does not take the minor of %s for a slip", (version) => {
    expect(nearest(version)).toEqual(currentVersions.toReversed());
  });

  it("looks at all versions when it cannot read the minor", () => {
    expect(nearest("v11.31.6-rancher1-1")[0]).toBe("v1.31.6-rancher1-1");
  });

  it("offers the current ones, newest first, when nothing is near", () => {
    expect(nearest("v1.99.0")).toEqual(currentVersions.toReversed());
  });

  it("finds the version in whose suffix any one letter is missing", () => {
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat("rancher".length - 1), (version, letter) => {
        const at = version.indexOf("rancher") + letter;
        const slip = version.slice(0, at) + version.slice(at + 1);
        expect(nearest(slip)[0]).toBe(version);
      }),
    );
  });
});
