import { describe, expect, it } from "vitest";

import { lockedSince, lockLabels, lockRecordOf } from "../../../provider/execute/lock-record.ts";

const record = {
  holder: "urn:pulumi:prod::web::rke:index:RkeCluster::prod",
  owner: "alice@laptop, pid 4711",
  runId: "4e6f",
  verb: "up",
  expiresAt: "2026-03-01T13:00:00.000Z",
};
const startedAt = new Date("2026-03-01T12:00:00Z");

describe("lockRecordOf()", () => {
  it("reads what lockLabels() wrote", () => {
    expect(lockRecordOf(lockLabels(record, { startedAt }))).toEqual(record);
  });

  it("takes what has no such labels for somebody else's, without an end", () => {
    expect(lockRecordOf({ "com.example": "x" })).toEqual({
      holder: "",
      owner: "unknown",
      runId: "",
      verb: "",
      expiresAt: "",
    });
  });
});

describe("lockedSince()", () => {
  it("is when the run began", () => {
    expect(lockedSince(lockLabels(record, { startedAt }))).toBe("2026-03-01T12:00:00.000Z");
  });

  it("is unknown where nobody says so", () => {
    expect(lockedSince({})).toBeUndefined();
  });
});
