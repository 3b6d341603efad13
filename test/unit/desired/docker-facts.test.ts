import { describe, expect, it } from "vitest";

import { assumedDockerFacts, isWindows, usesSelinux } from "../../../provider/desired/docker-facts.ts";
import { windows } from "./world.ts";

describe("isWindows()", () => {
  it("isWindows() goes by the type of the system, not by its name", () => {
    const named = { ...assumedDockerFacts, operatingSystem: "Windows Subsystem for Linux" };

    expect([isWindows(named), isWindows({ ...assumedDockerFacts, ...windows })]).toEqual([false, true]);
  });
});

describe("usesSelinux()", () => {
  it.each([
    [["selinux"], true],
    [["name=seccomp,profile=builtin", "name=selinux"], true],
    [["name=apparmor"], false],
    [["name=selinux-like"], false],
    [[], false],
  ])("usesSelinux() takes the security options %j for %s", (securityOptions, expected) => {
    expect(usesSelinux({ ...assumedDockerFacts, securityOptions })).toBe(expected);
  });
});
