import { describe, expect, it } from "vitest";

import { retry } from "../../../provider/execute/retry.ts";
import { aContext, lasting, passing } from "./a-context.ts";

/** Fails so many times, then returns the number of the attempt. */
function failing(times: number, error: Error = passing()): (attempt: number) => Promise<number> {
  return async (attempt) => {
    if (attempt <= times) throw error;
    return attempt;
  };
}

describe("retry()", () => {
  it("returns at once what the first attempt gives", async () => {
    const context = aContext();

    const attempt = await retry("pull an image", failing(0), { context, attempts: 3 });

    expect(attempt).toBe(1);
    expect(context.events).toEqual([]);
  });

  it("tries again after an error that may pass", async () => {
    const context = aContext();

    const attempt = await retry("pull an image", failing(2), { context, attempts: 3 });

    expect(attempt).toBe(3);
  });

  it("tells what it tries again, where, and why", async () => {
    const context = aContext();

    await retry("pull an image", failing(1), { context, attempts: 3, node: "10.0.0.2" });

    expect(context.events).toEqual([
      { kind: "retrying", what: "pull an image", node: "10.0.0.2", because: "the connection broke", attempt: 2 },
    ]);
  });

  it("pauses longer from time to time, and never longer than fifteen seconds", async () => {
    const context = aContext();

    await retry("pull an image", failing(7), { context, attempts: 8 });

    expect(context.naps).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  it("throws the last error when all attempts have failed", async () => {
    const context = aContext();
    const error = passing();

    const trying = retry("pull an image", failing(9, error), { context, attempts: 3 });

    await expect(trying).rejects.toBe(error);
    expect(context.naps).toHaveLength(2);
  });

  it.each([
    ["that does not pass", lasting()],
    ["that is none of ours", new TypeError("undefined is not a function")],
  ])("throws an error %s at once", async (_which, error) => {
    const context = aContext();

    const trying = retry("pull an image", failing(1, error), { context, attempts: 3 });

    await expect(trying).rejects.toBe(error);
    expect(context.naps).toEqual([]);
  });

  it("does not start in a run that is cancelled", async () => {
    const context = aContext({ signal: AbortSignal.abort(new Error("enough")) });
    let deeds = 0;

    const trying = retry("pull an image", async () => deeds++, { context, attempts: 3 });

    await expect(trying).rejects.toThrow("enough");
    expect(deeds).toBe(0);
  });

  it("does not try again in a run that is cancelled meanwhile", async () => {
    const run = new AbortController();
    const context = aContext({ signal: run.signal });
    const deed = async () => {
      run.abort(new Error("enough"));
      throw passing();
    };

    const trying = retry("pull an image", deed, { context, attempts: 3 });

    await expect(trying).rejects.toThrow("enough");
    expect(context.events).toEqual([]);
  });
});
