import { RkeError } from "../errors.ts";

/** A Kubernetes version of RKE, taken apart. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** `rancher1-1`; empty for a plain `v1.31.6`. */
  readonly prerelease: string;
}

const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

/** Reads `v1.31.6-rancher1-1`. */
export function parseVersion(text: string): Version {
  const refuse = (because: string) => new RkeError("config", { doing: "read the Kubernetes version", because });
  if (!text.startsWith("v")) throw refuse(`"${text}" is not a valid version: it must start with "v"`);
  const version = parseSemver(text.slice(1));
  if (version === undefined) throw refuse(`"${text}" is not valid semver`);
  return version;
}

/** Reads semver that may or may not have a `v` in front, as image tags do; undefined when it is something else. */
export function parseTag(tag: string): Version | undefined {
  return parseSemver(tag.startsWith("v") ? tag.slice(1) : tag);
}

/**
 * Less than zero, zero or more, as semver orders versions. All of `rancher1-1` is one identifier of a prerelease and
 * compares as text: `rancher10-1` is older than `rancher2-1`, and both are older than no suffix at all.
 */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrereleases(a.prerelease, b.prerelease);
}

/**
 * Whether a version lies in a range such as `>=1.15.11-rancher0 <=1.15.99 || >=1.16.8-rancher0`.
 * Unlike npm's ranges, these admit prereleases everywhere.
 */
export function inRange(version: Version, range: string): boolean {
  return range.split("||").some((all) => comparators(all).every((holds) => holds(version)));
}

/** `v1.31` */
export function minorName({ major, minor }: Version): string {
  return `v${major}.${minor}`;
}

function parseSemver(text: string): Version | undefined {
  const [, major, minor, patch, prerelease = ""] = semver.exec(text) ?? [];
  if (major === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease };
}

function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const theirs = b.split(".");
  for (const [index, mine] of a.split(".").entries()) {
    const other = theirs[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(mine, other);
    if (order !== 0) return order;
  }
  return -1;
}

function compareIdentifiers(a: string, b: string): number {
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber && bIsNumber) return Number(a) - Number(b);
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

type Comparator = (version: Version) => boolean;

function comparators(range: string): readonly Comparator[] {
  return [...range.matchAll(/(>=|<=|>|<|=)?\s*([^\s<>=]+)/g)].map(comparator);
}

function comparator([whole, operator = "=", bound = ""]: RegExpMatchArray): Comparator {
  const limit = parseSemver(bound);
  if (limit === undefined) {
    throw new RkeError("internal", { doing: "read a version range", because: `"${whole}" is not a comparison` });
  }
  switch (operator) {
    case ">=":
      return (version) => compareVersions(version, limit) >= 0;
    case "<=":
      return (version) => compareVersions(version, limit) <= 0;
    case ">":
      return (version) => compareVersions(version, limit) > 0;
    case "<":
      return (version) => compareVersions(version, limit) < 0;
    default:
      return (version) => compareVersions(version, limit) === 0;
  }
}
