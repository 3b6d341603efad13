import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compareVersions, inRange, parseTag, parseVersion, type Version } from "../../../provider/releases/versions.ts";

const compare = (a: string, b: string) => Math.sign(compareVersions(parseVersion(a), parseVersion(b)));

const versions: fc.Arbitrary<Version> = fc.record({
  major: fc.constant(1),
  minor: fc.nat(3),
  patch: fc.nat(3),
  prerelease: fc.oneof(
    fc.constant(""),
    fc.tuple(fc.nat(12), fc.nat(12)).map(([n, m]) => `rancher${n}-${m}`),
    fc.constantFrom("alpha", "alpha.1", "alpha.beta", "1", "2", "10"),
  ),
});

const textOf = ({ major, minor, patch, prerelease }: Version) =>
  `v${major}.${minor}.${patch}${prerelease === "" ? "" : `-${prerelease}`}`;

describe("parseVersion()", () => {
  it("takes a version of RKE apart", () => {
    expect(parseVersion("v1.31.6-rancher1-1")).toEqual({ major: 1, minor: 31, patch: 6, prerelease: "rancher1-1" });
  });

  it.each([
    ["1.32.7-rancher1-1", '"1.32.7-rancher1-1" is not a valid version: it must start with "v"'],
    ["", '"" is not a valid version: it must start with "v"'],
    ["V1.32.7-rancher1-1", '"V1.32.7-rancher1-1" is not a valid version: it must start with "v"'],
    ["v", '"v" is not valid semver'],
    ["v1.32-rancher1", '"v1.32-rancher1" is not valid semver'],
    ["v1.032.7-rancher1-1", '"v1.032.7-rancher1-1" is not valid semver'],
    ["vv1.32.7", '"vv1.32.7" is not valid semver'],
    ["v1.32.7-", '"v1.32.7-" is not valid semver'],
    ["v1.32.7-rancher_1", '"v1.32.7-rancher_1" is not valid semver'],
    ["v1.32.7 ", '"v1.32.7 " is not valid semver'],
  ])("refuses %j", (text, because) => {
    expect(() => parseVersion(text)).toThrow(
      expect.objectContaining({ code: "config", detail: expect.objectContaining({ because }) }),
    );
  });

  it("reads back whatever is written", () => {
    fc.assert(
      fc.property(versions, (version) => {
        expect(parseVersion(textOf(version))).toEqual(version);
      }),
    );
  });
});

describe("parseTag()", () => {
  it.each(["v3.5.16", "3.5.16"])("reads %s", (tag) => {
    expect(parseTag(tag)).toEqual({ major: 3, minor: 5, patch: 16, prerelease: "" });
  });

  it.each(["latest", "3.5", "v3.5.x", ""])("answers undefined for %j", (tag) => {
    expect(parseTag(tag)).toBeUndefined();
  });
});

describe("compareVersions()", () => {
  it.each([
    ["v1.9.7-rancher2-1", "v1.10.0-rancher1-1"],
    ["v1.31.6-rancher1-1", "v1.31.6-rancher1-2"],
    ["v1.31.6-rancher1-9", "v1.31.6-rancher2-1"],
    ["v1.31.6-rancher10-1", "v1.31.6-rancher2-1"],
    ["v1.31.6-rancher1-10", "v1.31.6-rancher1-2"],
    ["v1.31.6-rancher99-1", "v1.31.6"],
    ["v1.31.6-rancher0", "v1.31.6-rancher1"],
    ["v1.31.6-rancher1", "v1.31.6-rancher1-1"],
    ["v1.31.6-alpha", "v1.31.6-rancher0"],
    ["v1.31.6-99", "v1.31.6-alpha"],
    ["v1.31.6-9", "v1.31.6-10"],
    ["v1.31.6-alpha", "v1.31.6-alpha.1"],
  ])("puts %s before %s", (older, newer) => {
    const [forwards, backwards] = [compare(older, newer), compare(newer, older)];

    expect([forwards, backwards]).toEqual([-1, 1]);
  });

  it("does not look at build metadata", () => {
    expect(compare("v1.31.6+a", "v1.31.6+b")).toBe(0);
  });

  it("is an order: the same both ways round, and through a third", () => {
    fc.assert(
      fc.property(versions, versions, versions, (a, b, c) => {
        const [x, y, z] = [a, b, c].toSorted(compareVersions) as [Version, Version, Version];
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        expect(compareVersions(x, y)).toBeLessThanOrEqual(0);
        expect(compareVersions(y, z)).toBeLessThanOrEqual(0);
        expect(compareVersions(x, z)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it("finds two versions equal only when they are written alike", () => {
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        expect(compareVersions(a, b) === 0).toBe(textOf(a) === textOf(b));
      }),
    );
  });
});

describe("inRange()", () => {
  it.each([
    ["v1.24.0-rancher1-1", ">=1.24.0-rancher0", true],
    ["v1.24.0-rancher1-1", ">=1.24.0", false],
    ["v1.23.99-rancher9-9", ">=1.24.0-rancher0", false],
    ["v1.29.11-rancher1-1", ">=1.29.11-rancher1-1 < 1.29.12-rancher1-1", true],
    ["v1.29.12-rancher1-1", ">=1.29.11-rancher1-1 < 1.29.12-rancher1-1", false],
    ["v1.14.6-rancher1-1", ">=1.14.0-rancher0 <=1.14.6-rancher1-1", true],
    ["v1.14.6-rancher2-1", ">=1.14.0-rancher0 <=1.14.6-rancher1-1", false],
    ["v1.32.7-rancher1-1", ">=1.32.4-rancher1-1 ", true],
    ["v1.16.7-rancher1-1", ">=1.15.11-rancher0 <=1.15.99 || >=1.16.8-rancher0 <=1.16.99", false],
    ["v1.16.8-rancher1-1", ">=1.15.11-rancher0 <=1.15.99 || >=1.16.8-rancher0 <=1.16.99", true],
    ["v1.16.8", ">1.16.8-rancher0", true],
    ["v1.16.8", "1.16.8", true],
    ["v1.16.8-rancher1-1", "=1.16.8", false],
  ])("says of %s and %j: %s", (version, range, expected) => {
    expect(inRange(parseVersion(version), range)).toBe(expected);
  });

  it("agrees with compareVersions() on every bound", () => {
    fc.assert(
      fc.property(versions, versions, (version, bound) => {
        const order = compareVersions(version, bound);
        const holds = [">=", "<=", ">", "<", "="].map((sign) => inRange(version, `${sign}${textOf(bound).slice(1)}`));
        expect(holds).toEqual([order >= 0, order <= 0, order > 0, order < 0, order === 0]);
      }),
    );
  });

  it("refuses what is no range", () => {
    expect(() => inRange(parseVersion("v1.31.6"), ">=1.x")).toThrow('">=1.x" is not a comparison');
  });
});
