import { describe, expect, it } from "vitest";

import type { ClusterFacts } from "../../../provider/observed/facts.ts";
import { readClusterState } from "../../../provider/state/cluster-state.ts";
import { stateVersion } from "../../../provider/state/migrate.ts";
import { packed } from "../../../provider/state/packed-text.ts";

const least = { stateVersion, certificates: "{}", attempted: [], ways: {} };

const seen: ClusterFacts = {
  version: 1,
  seenAt: "2026-01-02T03:04:05.000Z",
  nodes: { "10.0.0.1": { status: "unreachable", code: "ssh", because: "nobody answers" } },
};

describe("readClusterState()", () => {
  it("reads what is kept of a cluster that was never finished", () => {
    expect(readClusterState(least)).toEqual(least);
  });

  it("passes over the inputs that stand beside it", () => {
    expect(readClusterState({ ...least, nodes: {} })).toEqual(least);
  });

  it.each([
    ["as text", packed(seen)],
    ["as the tree that earlier builds wrote", seen],
  ])("reads what was seen %s", (_, facts) => {
    expect(readClusterState({ ...least, facts })).toEqual({ ...least, facts: seen });
  });

  it("names facts that are no JSON as what is broken", () => {
    expect(() => readClusterState({ ...least, facts: "{" })).toThrow(/at facts/);
  });

  it("refuses the state of a later version", () => {
    expect(() => readClusterState({ ...least, stateVersion: 99 })).toThrow("written by a newer pulumi-rke");
  });

  it("names what is broken, and repeats none of it", () => {
    const broken = { ...least, ways: { "10.0.0.1": "a private key" } };

    expect(() => readClusterState(broken)).toThrow(/at ways\["10\.0\.0\.1"\]/);
    expect(() => readClusterState(broken)).not.toThrow(/a private key/);
  });
});
