import { describe, expect, it } from "vitest";
import type { Situation } from "../../../../provider/preflight/check.ts";
import { cgroupV1 } from "../../../../provider/preflight/checks/cgroup-v1.ts";
import { planned } from "../../../support/planned.ts";
import { findingsFor, GIB, linesFor } from "../a-fleet-seen.ts";

describe("swap()", () => {
  const machines = { "10.0.0.2": { swapBytes: 2 * GIB } };

  it("is content with swap, as the kubelet is", () => {
    expect(linesFor({ machines })).toEqual([]);
  });

  it.each([{ failSwapOn: true }, { extraArgs: { "fail-swap-on": "true" } }])(
    "refuses swap that the kubelet refuses (%j)",
    (kubelet) => {
      expect(linesFor({ machines, args: { services: { kubelet } } })).toEqual([
        "error swap node-2 (10.0.0.2): it has 2.0 GiB of swap, and the kubelet refuses to start there (failSwapOn)",
      ]);
    },
  );
});

describe("cgroupV1()", () => {
  const situation = (cgroupVersion: string, cgroupV1Supported: boolean): Situation => {
    const { release, ...plan } = planned("nodes: [{address: 10.0.0.1, user: u, role: [etcd, controlplane, worker]}]");
    const [node] = plan.nodes;
    if (node === undefined) throw new Error("no node");
    const machine = { osType: "linux", cgroupVersion };
    return {
      desired: { ...plan, release: { ...release, cgroupV1Supported } },
      machines: [{ plan: node, name: "node-1", isMember: false, isNew: true, seen: { machine } }],
    } as unknown as Situation;
  };

  it.each([
    ["1", false, ["error"]],
    ["1", true, []],
    ["2", false, []],
    ["", false, []],
  ])("judges version %j where version 1 is supported: %j", (version, isSupported, severities) => {
    expect(cgroupV1(situation(version, isSupported)).map(({ severity }) => severity)).toEqual(severities);
  });
});

describe("dockerVersion()", () => {
  const docker = (serverVersion: string, apiVersion: string) => ({
    machines: {
      "10.0.0.1": {
        docker: {
          serverVersion,
          apiVersion,
          rootDir: "/var/lib/docker",
          storageDriver: "overlay2",
          liveRestore: false,
          registryMirrors: [],
        },
      },
    },
  });

  it("refuses an engine that the kubelet cannot talk to", () => {
    expect(linesFor(docker("1.12.6", "1.24"))).toEqual([
      "error docker-version node-1 (10.0.0.1): Docker 1.12.6 speaks API 1.24, and the kubelet needs 1.26 or newer",
    ]);
  });

  it("warns of an engine that nobody tried", () => {
    expect(linesFor(docker("29.0.1", "1.52"))).toEqual([
      expect.stringMatching(
        /^warning docker-version node-1 \(10\.0\.0\.1\): Docker 29\.0\.1 was not tested with v1\.32\S+ \(tested: .*20\.10.*\)$/,
      ),
    ]);
  });

  it("says nothing about it where the person has decided", () => {
    expect(linesFor({ ...docker("29.0.1", "1.52"), args: { ignoreDockerVersion: true } })).toEqual([]);
  });
});

describe("brNetfilter()", () => {
  const state = (br_netfilter: string) => ({ machines: { "10.0.0.1": { kernelFacts: { br_netfilter } } } });

  it.each([
    ["loaded", true, []],
    ["loaded", false, []],
    ["available", true, []],
    ["available", false, ["warning"]],
    ["missing", true, ["error"]],
  ])("judges a module that is %s, with enableBrNetfilter %j", (is, enableBrNetfilter, severities) => {
    const found = findingsFor({ ...state(is), args: { network: { enableBrNetfilter } } });

    expect(found.map(({ severity }) => severity)).toEqual(severities);
  });

  it("says nothing where nothing is known", () => {
    expect(linesFor({ machines: { "10.0.0.1": { kernelFacts: {} } } })).toEqual([]);
  });
});

describe("unknownFacts()", () => {
  it("warns of what could not be looked at", () => {
    expect(linesFor({ machines: { "10.0.0.1": { unknown: ["swap", "ports", "leftovers"] } } })).toEqual([
      "warning unknown-facts node-1 (10.0.0.1): nothing is known of its swap, ports and leftovers, " +
        "so nothing was checked there",
    ]);
  });
});
