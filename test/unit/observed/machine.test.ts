import { describe, expect, it } from "vitest";

import { type FullDockerInfo, machineFacts } from "../../../provider/observed/machine.ts";
import { type Probe, readProbe } from "../../../provider/observed/probe.ts";

const version = { Version: "27.5.1", ApiVersion: "1.47", Os: "linux", Arch: "amd64" };

const facts = (info: Partial<FullDockerInfo> = {}, probe: Partial<Probe> = {}) =>
  machineFacts({
    version,
    infoTimeMs: Date.parse("2026-01-01T00:00:00Z"),
    probe: { ...readProbe("", { ourTimeMs: 0 }), ...probe },
    info: {
      ServerVersion: "27.5.1",
      OperatingSystem: "Debian",
      OSType: "linux",
      Architecture: "x86_64",
      DockerRootDir: "/var/lib/docker",
      KernelVersion: "6.1",
      NCPU: 2,
      MemTotal: 4e9,
      Name: "by-docker",
      ...info,
    },
  });

describe("machineFacts()", () => {
  it.each([
    ["Docker's word", "1", true, "1"],
    ["the file system, where Docker says nothing", undefined, true, "2"],
    ["the file system, where Docker says nothing", undefined, false, "1"],
    ["nothing", undefined, undefined, ""],
  ])("knows the version of cgroups by %s", (_by, CgroupVersion, isCgroup2, expected) => {
    const info = CgroupVersion === undefined ? {} : { CgroupVersion };
    const probe = isCgroup2 === undefined ? {} : { isCgroup2 };

    expect(facts(info, probe).cgroupVersion).toBe(expected);
  });

  it("tells the time by Docker where the machine could not be asked", () => {
    expect(facts({ SystemTime: "2026-01-01T00:00:42.5Z" }).clockOffsetMs).toBe(42_500);
  });

  it("says 0 of a clock that goes as ours does, and not -0, which JSON does not know", () => {
    expect(facts({}, { clockOffsetMs: -0 }).clockOffsetMs).toBe(0);
  });

  it("finds Docker's directory on the deepest file system around it", () => {
    const space = (freeBytes: number) => ({ freeBytes, totalBytes: 100 });
    const mounts = { "/": space(1), "/data": space(2), "/data/dock": space(3), "/data/docker/deeper": space(4) };

    expect(facts({ DockerRootDir: "/data/docker" }, { mounts }).disks["/data/docker"]).toEqual(space(2));
  });

  it("calls the machine as it calls itself, or as Docker does", () => {
    expect([facts({}, { hostname: "own" }).hostname, facts().hostname]).toEqual(["own", "by-docker"]);
  });

  it("keeps what an old engine leaves out as what it stands for", () => {
    expect(facts({ RegistryConfig: null })).toMatchObject({
      cgroupDriver: "",
      securityOptions: [],
      docker: { apiVersion: "1.47", storageDriver: "", liveRestore: false, registryMirrors: [] },
    });
  });
});
