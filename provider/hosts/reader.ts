import { abortable } from "./abortable.ts";

/** How objects of one kind are read. */
export interface Ways<T> {
  readonly one: (name: string, options: { readonly signal: AbortSignal | undefined }) => Promise<T | undefined>;
  readonly all: (options: { readonly signal: AbortSignal }) => Promise<readonly T[]>;
}

/**
 * Reads objects by name: one by one while few are asked for, and all in one list when many are asked for at once, as when
 * every node of a cluster is waited for. No answer is older than the question.
 */
export class Reader<T extends { readonly metadata: { readonly name: string } }> {
  readonly #ways: Ways<T>;
  #questions: Question<T>[] = [];
  #isDue = false;
  #underWay = 0;
  #isListing = false;
  #listLength = 0;

  constructor(ways: Ways<T>) {
    this.#ways = ways;
  }

  async read(name: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<T | undefined> {
    const answer = new Promise<T | undefined>((resolve, reject) => {
      this.#questions.push({ name, signal, resolve, reject });
    });
    this.#answerSoon();
    return abortable(answer, signal);
  }

  /** A moment later, when all have asked who ask at once. */
  #answerSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#answer();
    });
  }

  #answer(): void {
    this.#questions = this.#questions.filter(({ signal }) => signal?.aborted !== true);
    const { length } = this.#questions;
    const isWorthIt = length > ONE_BY_ONE && length * LIST_MAY_BE_LONGER >= this.#listLength;
    if (isWorthIt && this.#isListing) return;
    if (isWorthIt) void this.#readAll(this.#questions.splice(0));
    else for (const question of this.#questions.splice(0, ONE_BY_ONE - this.#underWay)) void this.#readOne(question);
  }

  async #readOne({ name, signal, resolve, reject }: Question<T>): Promise<void> {
    this.#underWay++;
    await this.#ways.one(name, { signal }).then(resolve, reject);
    this.#underWay--;
    this.#answerSoon();
  }

  async #readAll(questions: readonly Question<T>[]): Promise<void> {
    this.#isListing = true;
    try {
      const all = await this.#ways.all({ signal: whenNobodyWaits(questions) });
      this.#listLength = all.length;
      const byName = new Map(all.map((one) => [one.metadata.name, one]));
      for (const { name, resolve } of questions) resolve(byName.get(name));
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
    this.#isListing = false;
    this.#answerSoon();
  }
}

interface Question<T> {
  readonly name: string;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answer: T | undefined) => void;
  readonly reject: (error: unknown) => void;
}

const ONE_BY_ONE = 8;

/** A list of this many times what was asked for still takes less than asking for each. */
const LIST_MAY_BE_LONGER = 4;

/** What several wait for goes on until the last of them gives up. */
function whenNobodyWaits(questions: readonly { readonly signal: AbortSignal | undefined }[]): AbortSignal {
  const stop = new AbortController();
  let waiting = questions.length;
  for (const { signal } of questions) {
    const leave = () => {
      waiting--;
      if (waiting === 0) stop.abort(signal?.reason);
    };
    signal?.addEventListener("abort", leave, { once: true });
  }
  return stop.signal;
}
