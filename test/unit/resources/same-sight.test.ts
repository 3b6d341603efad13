import { beforeAll, describe, expect, it } from "vitest";

import type { ClusterFacts } from "../../../provider/observed/facts.ts";
import { sameSight } from "../../../provider/resources/same-sight.ts";
import { aWorld, threeAndTwo } from "../../support/facts.ts";

let before: ClusterFacts;
beforeAll(async () => {
  before = (await aWorld({ args: { nodes: threeAndTwo } })).facts;
});

const worker = "10.0.0.5";

/** The same look with a change, made on a copy. */
function changed(change: (facts: Draft) => void): ClusterFacts {
  const copy = structuredClone(before) as Draft;
  change(copy);
  return copy as ClusterFacts;
}

const aSnapshot = { name: "2026-11-20T03:00:00Z_etcd.zip", sizeBytes: 1, writtenAtMs: 1 };

// biome-ignore lint/suspicious/noExplicitAny: facts are read-only on purpose, and a test changes any part of them
type Draft = any;

describe("sameSight()", () => {
  it("is the same as long as nothing has happened", () => {
    expect(sameSight(before, structuredClone(before))).toBe(true);
  });

  it.each<[string, (facts: Draft) => void]>([
    ["the time of the look", (facts) => (facts.seenAt = "2030-01-01T00:00:00.000Z")],
    ["the clock of a machine", (facts) => (facts.nodes[worker].machine.clockOffsetMs = 17)],
    ["the space on its disks", (facts) => (facts.nodes[worker].machine.disks = { "/": { freeBytes: 1 } })],
    ["the ports that programs listen on", (facts) => (facts.nodes[worker].machine.listening = [{ port: 1 }])],
    ["how far a member of etcd lags", (facts) => (facts.etcd.members[0].lag = 3)],
    ["who leads etcd", (facts) => (facts.etcd.members[0].isLeader = !facts.etcd.members[0].isLeader)],
    ["a new snapshot of etcd", (facts) => (facts.nodes["10.0.0.1"].snapshots = [aSnapshot])],
    ["an annotation of a node", (facts) => (facts.kube.nodes[0].annotations = { a: "b" })],
  ])("does not mind %s", (_, change) => {
    expect(sameSight(before, changed(change))).toBe(true);
  });

  it.each<[string, (facts: Draft) => void]>([
    ["a container that is gone", (facts) => facts.nodes[worker].containers.pop()],
    ["a container that stopped", (facts) => (facts.nodes[worker].containers[0].state = "exited")],
    ["a file that was changed", (facts) => (facts.nodes[worker].files[0].sha256 = "other")],
    ["another version of Docker", (facts) => (facts.nodes[worker].machine.docker.serverVersion = "99")],
    ["a machine that does not answer", (facts) => (facts.nodes[worker] = silent)],
    ["a member that left", (facts) => facts.etcd.members.pop()],
    ["a node that is not ready any more", (facts) => (facts.kube.nodes[0].isReady = false)],
    ["an API that does not answer", (facts) => delete facts.kube],
  ])("sees %s", (_, change) => {
    expect(sameSight(before, changed(change))).toBe(false);
  });

  it("minds why a machine does not answer only as far as the kind of it goes", () => {
    const one = changed((facts) => (facts.nodes[worker] = silent));
    const other = changed((facts) => (facts.nodes[worker] = { ...silent, because: "in other words" }));

    expect(sameSight(one, other)).toBe(true);
  });

  it("has nothing to compare a first look with", () => {
    expect(sameSight(undefined, before)).toBe(false);
  });
});

const silent = { status: "unreachable", code: "ssh", because: "no route" };
