import { abortable } from "./abortable.ts";

/** Lets a number of deeds happen at once; the others wait their turn in order. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(width: number) {
    this.#free = width;
  }

  /** Waits for a turn. The function returned gives it back; calling it again does nothing. */
  async enter({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    let inside = true;
    return () => {
      if (inside) this.#leave();
      inside = false;
    };
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    let next = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      next = resolve;
    });
    this.#waiting.push(next);
    try {
      await abortable(turn, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(next);
      if (place === -1) this.#leave();
      else this.#waiting.splice(place, 1);
      throw error;
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
