import { once } from "node:events";
import { describe, expect, it } from "vitest";

import { withDeadline } from "../../../provider/execute/deadline.ts";

const stopped = async (signal: AbortSignal): Promise<unknown> => {
  if (!signal.aborted) await once(signal, "abort");
  return signal.reason;
};

describe("withDeadline()", () => {
  it("stops after its time, with an error that names what took too long", async () => {
    const signal = withDeadline(new AbortController().signal, 1, "create the cluster");

    const reason = await stopped(signal);

    expect(reason).toMatchObject({
      code: "timeout",
      detail: { doing: "create the cluster", because: "it took longer than 0.0 s" },
    });
  });

  it("stops with the signal it was made from, for its reason", async () => {
    const run = new AbortController();
    const signal = withDeadline(run.signal, 60_000, "create the cluster");

    run.abort(new Error("enough"));

    expect(await stopped(signal)).toEqual(new Error("enough"));
  });

  it("is stopped from the start when its signal is", () => {
    const signal = withDeadline(AbortSignal.abort(new Error("enough")), 60_000, "create the cluster");

    expect(signal.aborted).toBe(true);
  });
});
