import { describe, expect, it } from "vitest";

import { Reader } from "../../../provider/hosts/reader.ts";

interface Thing {
  readonly metadata: { readonly name: string };
}

const thing = (name: string): Thing => ({ metadata: { name } });

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `node-${index}`);

/** A server that has things of these names, and answers when it is told to, in the order in which it was asked. */
function aServer(has: readonly string[]) {
  const asked: string[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const answers: ((error?: Error) => void)[] = [];
  const answering = <T>(what: string, signal: AbortSignal | undefined, answer: () => T): Promise<T> => {
    asked.push(what);
    signals.push(signal);
    return new Promise((resolve, reject) => {
      answers.push((error) => (error === undefined ? resolve(answer()) : reject(error)));
    });
  };
  const reader = new Reader<Thing>({
    one: (name, { signal }) => answering(name, signal, () => (has.includes(name) ? thing(name) : undefined)),
    all: ({ signal }) => answering("all", signal, () => has.map(thing)),
  });
  /** Lets the reader go on, and answers all that it has asked. */
  const answerAll = async (error?: Error): Promise<void> => {
    await moment();
    for (const answer of answers.splice(0)) answer(error);
    await moment();
  };
  return { reader, asked, signals, answerAll };
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("Reader", () => {
  it("reads one object by its name", async () => {
    const { reader, asked, answerAll } = aServer(["node-1"]);

    const reading = Promise.all([reader.read("node-1"), reader.read("node-9")]);
    await answerAll();

    expect(await reading).toEqual([thing("node-1"), undefined]);
    expect(asked).toEqual(["node-1", "node-9"]);
  });

  it("reads many that are asked for at once as one list", async () => {
    const { reader, asked, answerAll } = aServer(names(100));

    const reading = Promise.all([...names(100), "node-x"].map((name) => reader.read(name)));
    await answerAll();

    expect(await reading).toEqual([...names(100).map(thing), undefined]);
    expect(asked).toEqual(["all"]);
  });

  it("never answers from a list that was asked for before the question", async () => {
    const { reader, asked, answerAll } = aServer(names(20));
    const first = Promise.all(names(20).map((name) => reader.read(name)));
    await moment();

    const second = Promise.all(names(20).map((name) => reader.read(name)));
    await answerAll();

    expect(asked).toEqual(["all", "all"]);
    await answerAll();
    await Promise.all([first, second]);
  });

  it("does not read a long list again for a few", async () => {
    const { reader, asked, answerAll } = aServer(names(100));
    const all = Promise.all(names(100).map((name) => reader.read(name)));
    await answerAll();
    await all;

    const some = Promise.all(names(12).map((name) => reader.read(name)));
    await answerAll();
    await answerAll();

    expect(await some).toEqual(names(12).map(thing));
    expect(asked).toEqual(["all", ...names(12)]);
  });

  it("tells a failure to all who wait, and asks again for the next", async () => {
    const { reader, asked, answerAll } = aServer(names(20));
    const failing = Promise.allSettled(names(20).map((name) => reader.read(name)));
    await answerAll(new Error("the API server is gone"));

    const next = Promise.all(names(20).map((name) => reader.read(name)));
    await answerAll();

    expect((await failing).every(({ status }) => status === "rejected")).toBe(true);
    expect(await next).toHaveLength(20);
    expect(asked).toEqual(["all", "all"]);
  });

  it("goes on for others when one gives up, and stops when nobody waits", async () => {
    const { reader, signals } = aServer(names(20));
    const [patient, impatient] = [new AbortController(), new AbortController()];
    const reading = Promise.allSettled(
      names(20).map((name, index) => reader.read(name, { signal: (index === 0 ? patient : impatient).signal })),
    );
    await moment();

    impatient.abort(new Error("too long"));
    expect(signals[0]?.aborted).toBe(false);
    patient.abort(new Error("enough"));

    expect(signals[0]?.aborted).toBe(true);
    expect((await reading).map(({ status }) => status)).not.toContain("fulfilled");
  });

  it("asks nothing for those who have given up before it came to them", async () => {
    const { reader, asked, answerAll } = aServer(names(1));
    const controller = new AbortController();
    const reading = Promise.allSettled([reader.read("node-0", { signal: controller.signal })]);

    controller.abort(new Error("enough"));
    await answerAll();

    expect(await reading).toMatchObject([{ status: "rejected", reason: { message: "enough" } }]);
    expect(asked).toEqual([]);
  });
});
