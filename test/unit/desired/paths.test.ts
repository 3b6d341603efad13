import { describe, expect, it } from "vitest";

import { assumedDockerFacts } from "../../../provider/desired/docker-facts.ts";
import { prefixed, prefixPathOf } from "../../../provider/desired/paths.ts";
import { windows } from "./world.ts";

describe("prefixPathOf()", () => {
  it.each([
    ["Ubuntu 24.04.1 LTS", "/"],
    ["Flatcar Container Linux by Kinvolk 3975.2.1 (Oklo)", "/opt/rke"],
    ["Container Linux by CoreOS 2512.3.0", "/opt/rke"],
    ["RancherOS v1.5.8", "/opt/rke"],
    ["Boot2Docker 19.03.12 (TCL 10.1)", "/mnt/sda1/rke"],
    ["", "/"],
  ])("prefixPathOf() gives machines with %o the prefix %s", (operatingSystem, prefix) => {
    expect(prefixPathOf({ prefixPath: "/" }, { ...assumedDockerFacts, operatingSystem })).toBe(prefix);
  });

  it("prefixPathOf() prefers what the configuration says to what the system wants", () => {
    const flatcar = { ...assumedDockerFacts, operatingSystem: "Flatcar Container Linux" };

    expect(prefixPathOf({ prefixPath: "/data/rke" }, flatcar)).toBe("/data/rke");
  });

  it.each([
    ["nothing", { prefixPath: "/" }, "c:/"],
    ["a bare drive", { prefixPath: "/", winPrefixPath: "d:" }, "d:\\"],
    ["a folder", { prefixPath: "/", winPrefixPath: "d:\\rke" }, "d:\\rke"],
    ["repeated backslashes", { prefixPath: "/", winPrefixPath: "d:\\\\rke\\\\\\x" }, "d:\\rke\\x"],
    ["slashes", { prefixPath: "/", winPrefixPath: "d:/rke" }, "d:/rke"],
    ["an empty text", { prefixPath: "/", winPrefixPath: "" }, "c:/"],
    ["the prefix of all machines", { prefixPath: "e:/all" }, "e:/all"],
    ["both prefixes", { prefixPath: "/opt/all", winPrefixPath: "f:/win" }, "f:/win"],
  ])("prefixPathOf() takes %s on Windows", (_, config, prefix) => {
    expect(prefixPathOf(config, { ...assumedDockerFacts, ...windows })).toBe(prefix);
  });

  it("prefixPathOf() has no use for the Windows prefix on Linux", () => {
    expect(prefixPathOf({ prefixPath: "/", winPrefixPath: "d:" }, assumedDockerFacts)).toBe("/");
  });
});

describe("prefixed()", () => {
  it.each([
    ["/", "/etc/kubernetes", "/etc/kubernetes"],
    ["/opt/rke", "/etc/kubernetes", "/opt/rke/etc/kubernetes"],
    ["/opt/rke/", "/etc/kubernetes", "/opt/rke/etc/kubernetes"],
    ["c:/", "/etc/kubernetes", "c:/etc/kubernetes"],
    ["d:\\", "/etc/kubernetes", "d:\\/etc/kubernetes"],
  ])("prefixed() puts %s before %s", (prefix, path, expected) => {
    expect(prefixed(prefix, path)).toBe(expected);
  });
});
