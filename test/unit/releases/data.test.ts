import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import index from "../../../provider/releases/data/index.json";
import { minors } from "../../../provider/releases/data/minors.ts";
import { knownVersions, releaseOf } from "../../../provider/releases/index.ts";
import { components, type Os, type Release } from "../../../provider/releases/release.ts";
import { indexData, minorData } from "../../../provider/releases/schema.ts";
import { serviceOptions } from "../../../provider/releases/service-options.ts";
import { compareVersions, inRange, parseVersion } from "../../../provider/releases/versions.ts";

describe("data/index.json", () => {
  it("fits its schema", () => {
    expect(indexData.parse(index)).toEqual(index);
  });

  it("lists versions from the oldest to the newest", () => {
    const versions = knownVersions();

    expect(versions.toSorted((a, b) => compareVersions(parseVersion(a), parseVersion(b)))).toEqual(versions);
  });

  it.each(Object.entries(index.templateRanges))("has at most one template of %s for a version", (_addon, ranges) => {
    const matches = knownVersions().map(
      (version) => Object.keys(ranges).filter((range) => inRange(parseVersion(version), range)).length,
    );

    expect(Math.max(...matches)).toBe(1);
  });
});

describe("data/v1.*.json", () => {
  it.each(Object.entries(minors))("%s fits its schema", (_minor, load) => {
    const data = load();

    expect(minorData.parse(data)).toEqual(data);
  });

  it.each(Object.entries(minors))("%s holds the versions that the index has for it", (minor, load) => {
    const versions = load().releases.map((release) => release.version);

    expect(versions).toEqual(indexData.parse(index).versions[minor]);
  });

  it("gives back every image, template, Docker version and flag of the metadata", () => {
    const resolved = knownVersions().map((version) => {
      const release = releaseOf(version);
      return {
        version,
        images: sorted(release.images),
        templates: sorted(release.templates),
        dockerVersions: release.dockerVersions,
        linux: flagsOf(release, "linux"),
        windows: release.minorNumber < 15 ? null : flagsOf(release, "windows"),
      };
    });

    const digest = createHash("sha256").update(JSON.stringify(resolved)).digest("hex");
    expect(digest).toBe(index.resolvedSha256);
  });
});

function flagsOf(release: Release, os: Os) {
  const options = serviceOptions(release, { kubernetesImage: release.images.kubernetes ?? "", os });
  const named = components.filter((component) => Object.keys(options[component]).length > 0);
  return sorted(Object.fromEntries(named.map((component) => [component, sorted(options[component])])));
}

function sorted<T extends object>(object: T) {
  return Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
