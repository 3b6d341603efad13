import { describe, expect, it } from "vitest";

import { linesFor } from "../a-fleet-seen.ts";

describe("duplicateHostname()", () => {
  const same = { machines: { "10.0.0.1": { hostname: "Debian" }, "10.0.0.3": { hostname: "debian" } } };

  it("warns of machines with one name, however it is written", () => {
    expect(linesFor(same)).toEqual([
      'warning duplicate-hostname: node-1 (10.0.0.1) and node-3 (10.0.0.3) have the same hostname, "debian"',
    ]);
  });

  it("refuses them where a cloud provider goes by the name", () => {
    const args = { cloudProvider: { name: "external" } };

    expect(linesFor({ ...same, args })).toEqual([expect.stringMatching(/^error duplicate-hostname/)]);
  });
});

describe("duplicateMachineId()", () => {
  const same = { machines: { "10.0.0.1": { machineId: "7" }, "10.0.0.2": { machineId: "7" } } };

  it("refuses clones", () => {
    expect(linesFor(same)).toEqual([
      "error duplicate-machine-id: node-1 (10.0.0.1) and node-2 (10.0.0.2) have the same /etc/machine-id: " +
        "they are clones, or one machine",
    ]);
  });

  it("only warns of clones that have lived with it", () => {
    const former = [{ address: "10.0.0.1" }, { address: "10.0.0.2" }];

    expect(linesFor(same, { former })).toEqual([expect.stringMatching(/^warning duplicate-machine-id/)]);
  });

  it("takes no two machines for clones because neither has an id", () => {
    expect(linesFor({ machines: { "10.0.0.1": { machineId: "" }, "10.0.0.2": { machineId: "" } } })).toEqual([]);
  });
});
