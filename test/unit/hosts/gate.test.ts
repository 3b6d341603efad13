import { describe, expect, it } from "vitest";

import { Gate } from "../../../provider/hosts/gate.ts";

describe("Gate", () => {
  it("lets in as many as it is wide, and the next when one leaves", async () => {
    const gate = new Gate(2);
    const order: string[] = [];
    const leave = await gate.enter();
    await gate.enter();
    const third = gate.enter().then(() => order.push("third is in"));

    order.push("first leaves");
    leave();
    await third;

    expect(order).toEqual(["first leaves", "third is in"]);
  });

  it("keeps the order of those who wait", async () => {
    const gate = new Gate(1);
    const order: number[] = [];
    const leave = await gate.enter();
    const waiting = [1, 2, 3].map(async (number) => {
      const next = await gate.enter();
      order.push(number);
      next();
    });

    leave();
    await Promise.all(waiting);

    expect(order).toEqual([1, 2, 3]);
  });

  it("gives a place back once, however often it is told to", async () => {
    const gate = new Gate(1);
    const leave = await gate.enter();
    leave();
    leave();
    await gate.enter();
    const stop = new AbortController();
    const second = gate.enter({ signal: stop.signal });

    stop.abort(new Error("still full"));

    await expect(second).rejects.toThrow("still full");
  });

  it("passes over those who no longer wait", async () => {
    const gate = new Gate(1);
    const leave = await gate.enter();
    const stop = new AbortController();
    const impatient = gate.enter({ signal: stop.signal });
    const patient = gate.enter();

    stop.abort(new Error("enough"));
    await expect(impatient).rejects.toThrow("enough");
    leave();

    await expect(patient).resolves.toBeTypeOf("function");
  });
});
