import { describe, expect, it } from "vitest";

import { type Migration, migrated, stateVersion } from "../../../provider/state/migrate.ts";

/** Two changes as they may come: a name that changes, and a list that becomes a map. */
const steps: readonly Migration[] = [
  { since: "0.3.0", migrate: ({ ways, ...rest }) => ({ ...rest, connections: ways }) },
  {
    since: "0.5.0",
    migrate: ({ attempted, ...rest }) => ({
      ...rest,
      attempted: Object.fromEntries((attempted as readonly string[]).map((address) => [address, {}])),
    }),
  },
];

const first = { stateVersion: 1, name: "prod", ways: { a: 1 }, attempted: ["a"] };
const today = { stateVersion: 3, name: "prod", connections: { a: 1 }, attempted: { a: {} } };

describe("migrated()", () => {
  it("brings the state of the first version to today's, one version after another", () => {
    expect(migrated(first, steps)).toEqual(today);
  });

  it("begins in the middle with a state that is newer", () => {
    const { ways, ...rest } = first;

    expect(migrated({ ...rest, connections: ways, stateVersion: 2 }, steps)).toEqual(today);
  });

  it("leaves a state of today as it is", () => {
    expect(migrated(today, steps)).toBe(today);
  });

  it("refuses the state of a later version, and says what to install", () => {
    expect(() => migrated({ stateVersion: 4 }, steps)).toThrow(/newer pulumi-rke[\s\S]*knows state version 4/);
  });

  it.each([undefined, "1", 0, 1.5, null])("refuses a state whose version is %j", (version) => {
    expect(() => migrated({ stateVersion: version }, steps)).toThrow("it says no version");
  });

  it("reads what the first release has written, without a change", () => {
    expect(stateVersion).toBe(1);
    expect(migrated(first)).toBe(first);
  });
});
