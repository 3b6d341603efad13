import { describe, expect, it } from "vitest";

import {
  quorumOf,
  votersAmong,
  whyNotChange,
  whyNotRemove,
  whyNotRestart,
} from "../../../provider/reconcile/quorum.ts";

const well = { isHealthy: true };
const sick = { isHealthy: false };

describe("quorumOf()", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [7, 4],
  ])("of %i voters is %i", (voters, quorum) => {
    expect(quorumOf(voters)).toBe(quorum);
  });
});

describe("votersAmong()", () => {
  it("leaves learners out", () => {
    const members = [
      { isLearner: false, isHealthy: true },
      { isLearner: false, isHealthy: false },
      { isLearner: true, isHealthy: true },
    ];

    expect(votersAmong(members)).toEqual({ all: 2, healthy: 1 });
  });
});

describe("whyNotChange()", () => {
  it.each([
    [{ all: 1, healthy: 1 }, undefined],
    [{ all: 3, healthy: 2 }, undefined],
    [{ all: 2, healthy: 1 }, "1 of 2 members are healthy and quorum is 2"],
    [{ all: 5, healthy: 2 }, "2 of 5 members are healthy and quorum is 3"],
  ])("of %o says %s", (voters, because) => {
    expect(whyNotChange(voters)).toBe(because);
  });
});

describe("whyNotRemove()", () => {
  it.each([
    ["a healthy one of three", { all: 3, healthy: 3 }, well, undefined],
    ["the dead one of three", { all: 3, healthy: 2 }, sick, undefined],
    ["a healthy one of two", { all: 2, healthy: 2 }, well, undefined],
    [
      "a healthy one beside a dead one",
      { all: 3, healthy: 2 },
      well,
      "1 of 2 members are healthy afterwards and quorum is 2",
    ],
    [
      "the dead one of two, which must agree",
      { all: 2, healthy: 1 },
      sick,
      "1 of 2 members are healthy and quorum is 2",
    ],
    ["the last one", { all: 1, healthy: 1 }, well, "it is the last member"],
  ])("about %s", (_, voters, member, because) => {
    expect(whyNotRemove(voters, member)).toBe(because);
  });
});

describe("whyNotRestart()", () => {
  it.each([
    ["one of three", { all: 3, healthy: 3 }, well, undefined],
    ["one of two, which cannot be avoided", { all: 2, healthy: 2 }, well, undefined],
    ["the only one, which cannot be avoided", { all: 1, healthy: 1 }, well, undefined],
    [
      "the healthy one of two",
      { all: 2, healthy: 1 },
      well,
      "0 of 2 members are healthy in the meantime and quorum is 2",
    ],
    ["the sick one of three", { all: 3, healthy: 2 }, sick, undefined],
    [
      "a healthy one beside a sick one",
      { all: 3, healthy: 2 },
      well,
      "1 of 3 members are healthy in the meantime and quorum is 2",
    ],
  ])("about %s", (_, voters, member, because) => {
    expect(whyNotRestart(voters, member)).toBe(because);
  });
});
