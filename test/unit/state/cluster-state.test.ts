import { describe, expect, it } from "vitest";

import { readClusterState } from "../../../provider/state/cluster-state.ts";
import { stateVersion } from "../../../provider/state/migrate.ts";

const least = { stateVersion, certificates: "{}", attempted: [], ways: {} };

describe("readClusterState()", () => {
  it("reads what is kept of a cluster that was never finished", () => {
    expect(readClusterState(least)).toEqual(least);
  });

  it("passes over the inputs that stand beside it", () => {
    expect(readClusterState({ ...least, nodes: {} })).toEqual(least);
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
