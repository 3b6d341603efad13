import { describe, expect, it } from "vitest";

import { journalPath, lockLabels, lockName } from "../../../provider/execute/lock-record.ts";
import { testFleet } from "../fleet/clients.ts";
import { lookAtFleet, reachedNode } from "./look-at-fleet.ts";

const record = {
  holder: "urn:prod",
  owner: "alice@laptop, pid 1",
  runId: "run-1",
  verb: "up",
  expiresAt: "2026-01-01T00:00:00.000Z",
};

async function aLockedMachine() {
  const fleet = await testFleet({ nodes: 1, images: ["tools:1"] });
  const Labels = lockLabels(record, { startedAt: new Date(0) });
  const lock = fleet.node("node-1").machine.create({ name: lockName, spec: { Image: "tools:1", Labels } });
  return { fleet, lock };
}

describe("the lock seen", () => {
  it("says who has it, and what that run has done", async () => {
    const { fleet, lock } = await aLockedMachine();
    lock.files.write(
      journalPath,
      "2026-01-01T00:00:00.000Z node-1 run etcd\n2026-01-01T00:00:01.000Z node-2 run etcd\n",
    );

    expect(reachedNode(await lookAtFleet(fleet), "10.0.0.1").lock).toEqual({
      ...record,
      journal: ["node-1 run etcd", "node-2 run etcd"],
    });
  });

  it("has an empty journal before the first deed", async () => {
    const { fleet } = await aLockedMachine();

    expect(reachedNode(await lookAtFleet(fleet), "10.0.0.1").lock?.journal).toEqual([]);
  });
});
