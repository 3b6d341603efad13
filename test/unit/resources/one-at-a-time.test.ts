import { describe, expect, it } from "vitest";

import { oneAtATime } from "../../../provider/resources/one-at-a-time.ts";

const { signal } = new AbortController();

/** Work that says when it is at it, and ends when it is told to. */
function aWork(name: string, said: string[]) {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = async () => {
    said.push(`${name} begins`);
    await ended;
    said.push(`${name} ends`);
  };
  return { work, end };
}

describe("oneAtATime()", () => {
  it("does things of one name in their order", async () => {
    const said: string[] = [];
    const [one, two] = [aWork("one", said), aWork("two", said)];

    const both = [oneAtATime("prod", { signal, work: one.work }), oneAtATime("prod", { signal, work: two.work })];
    two.end();
    one.end();
    await Promise.all(both);

    expect(said).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  });

  it("does things of other names meanwhile", async () => {
    const said: string[] = [];
    const [one, two] = [aWork("one", said), aWork("two", said)];

    const first = oneAtATime("prod", { signal, work: one.work });
    two.end();
    await oneAtATime("staging", { signal, work: two.work });
    one.end();
    await first;

    expect(said).toEqual(["one begins", "two begins", "two ends", "one ends"]);
  });

  it("goes on after a failure", async () => {
    const failing = oneAtATime("prod", { signal, work: () => Promise.reject(new Error("broken")) });
    const next = oneAtATime("prod", { signal, work: async () => "done" });

    await expect(failing).rejects.toThrow("broken");
    expect(await next).toBe("done");
  });

  it("lets who gives up waiting go, and nobody else in before their turn", async () => {
    const said: string[] = [];
    const impatient = new AbortController();
    const [one, three] = [aWork("one", said), aWork("three", said)];
    const first = oneAtATime("prod", { signal, work: one.work });
    const second = oneAtATime("prod", { signal: impatient.signal, work: async () => void said.push("two") });
    const third = oneAtATime("prod", { signal, work: three.work });

    impatient.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    three.end();
    one.end();
    await Promise.all([first, third]);

    expect(said).toEqual(["one begins", "one ends", "three begins", "three ends"]);
  });
});
