import { describe, expect, it } from "vitest";

import { atMost } from "../../../provider/steps/at-most.ts";

describe("atMost()", () => {
  it("does so many at a time, and answers in order", async () => {
    let underWay = 0;
    let most = 0;
    const work = async (thing: number) => {
      underWay++;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay--;
      return thing * 2;
    };

    expect(await atMost(2, [1, 2, 3, 4, 5], work)).toEqual([2, 4, 6, 8, 10]);
    expect(most).toBe(2);
  });

  it("begins nothing more after a failure, and lets end what was begun", async () => {
    const ended: number[] = [];
    const work = async (thing: number) => {
      if (thing === 1) throw new Error("one");
      await Promise.resolve();
      ended.push(thing);
    };

    await expect(atMost(2, [1, 2, 3, 4], work)).rejects.toThrow("one");
    expect(ended).toEqual([2]);
  });
});
