import { describe, expect, it } from "vitest";
import { checkNames, preflight } from "../../../provider/preflight/preflight.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { plannedVector } from "../../support/planned.ts";
import { testFleet } from "../fleet/clients.ts";
import { bundleOf, lookAtFleet } from "../observed/look-at-fleet.ts";
import { findingsFor, GIB, linesFor } from "./a-fleet-seen.ts";

/** A cluster in which every check has something to say. */
const everythingWrong = {
  machines: {
    "10.0.0.1": { hostname: "same", machineId: "same", clockOffsetMs: 90_000, cgroupVersion: "1" },
    "10.0.0.2": {
      hostname: "same",
      machineId: "same",
      swapBytes: GIB,
      listening: [{ port: 10250, program: "nginx" }],
      leftovers: ["/etc/cni"],
      kernelFacts: { br_netfilter: "missing" },
    },
    "10.0.0.3": {
      disks: { "/": { freeBytes: 0, totalBytes: GIB } },
      unknown: ["addresses" as const],
      addresses: ["10.42.1.1/24"],
      docker: {
        serverVersion: "1.12.6",
        apiVersion: "1.24",
        rootDir: "/var/lib/docker",
        storageDriver: "aufs",
        liveRestore: false,
        registryMirrors: [],
      },
    },
  },
  args: { services: { kubelet: { failSwapOn: true } } },
};
const measured = {
  ports: [{ from: "10.0.0.1", to: "10.0.0.2", port: 2379, answer: "refused" as const }],
  fsync: [{ node: "10.0.0.1", writeMs: 500 }],
};

describe("preflight()", () => {
  it("has nothing to say about machines that are as they should be", () => {
    expect(findingsFor()).toEqual([]);
  });

  it("says everything at once", () => {
    const names = new Set(findingsFor(everythingWrong, measured).map(({ name }) => name));

    // What remains is cgroup v1, which this release still takes.
    expect(checkNames.filter((name) => !names.has(name))).toEqual(["cgroup-v1"]);
  });

  it("reads as people write", () => {
    const text = findingsFor(everythingWrong, measured).map(
      ({ severity, name, node, reason, hint }) => `${severity} ${name}\n  ${node ?? "cluster"}: ${reason}\n  ${hint}`,
    );

    expect(text.join("\n")).toMatchSnapshot();
  });

  it.each(checkNames)("leaves out %s when that is waived", (name) => {
    const waived = findingsFor(everythingWrong, { ...measured, waived: [name] });

    expect(waived).toEqual(findingsFor(everythingWrong, measured).filter((finding) => finding.name !== name));
  });

  it("says when a waiver waives nothing", () => {
    expect(linesFor({}, { waived: ["swop"] })).toEqual([
      'warning unknown-waiver: there is no check called "swop", so nothing is waived by it',
    ]);
  });

  it("leaves machines that do not answer to those who decide about them", () => {
    expect(findingsFor({ nodes: { "10.0.0.2": "unreachable" } })).toEqual([]);
  });

  it("asks nothing of Windows that is a matter of Linux", () => {
    const windows = { osType: "windows", swapBytes: GIB, leftovers: ["/etc/cni"], unknown: ["ports" as const] };

    expect(findingsFor({ machines: { "10.0.0.2": windows } })).toEqual([]);
  });

  it("finds nothing in a fleet of new machines that was really looked at", async () => {
    const fleet = await testFleet({ nodes: 3 });

    const facts = await lookAtFleet(fleet);

    expect(preflight(plannedVector("three-all-in-one"), facts)).toEqual([]);
  });

  it("finds nothing in a fleet that rke has made and that is taken over", async () => {
    const fleet = await testFleet({ nodes: 3 });
    const certificates = bundleOf(await rkeCluster(fleet, "three-all-in-one"));

    const facts = await lookAtFleet(fleet, { certificates });

    expect(preflight(plannedVector("three-all-in-one"), facts, { certificates })).toEqual([]);
  });
});
