import { HttpRefusal } from "./http.ts";
import type { TripLayer } from "./trips.ts";

/** One call that a client makes. */
export interface Call {
  readonly node: string;
  readonly layer: TripLayer;
  /** `POST /containers/etcd/start`: method and path, without the version prefix. */
  readonly what: string;
  readonly mutating: boolean;
}

/** Which calls a fault is for; everything left out fits all. */
export interface Aim {
  readonly node?: string;
  readonly layer?: TripLayer;
  readonly what?: RegExp;
  /** How many calls it meets before it is gone; without it, it stays. */
  readonly times?: number;
}

export type Fault =
  | { readonly kind: "drop" }
  | { readonly kind: "delay"; readonly delayMs: number }
  | { readonly kind: "refuse"; readonly status: number; readonly message: string }
  | { readonly kind: "lie"; readonly change: (body: never) => unknown };

export type PullFailure = "not found" | "no registry" | "denied" | "server error" | "rate limited" | "broken stream";

/** The connection ends without an answer. */
export class Dropped extends Error {}

interface Planned<T> {
  readonly aim: Aim;
  readonly fault: T;
  left: number;
}

/** What goes wrong on purpose. Power, clocks, disks and partitions are switches of the machine and the network. */
export class Faults {
  readonly #calls: Planned<Fault>[] = [];
  readonly #pulls: Planned<PullFailure>[] = [];
  readonly #slowStarts = new Map<string, number>();
  readonly #exits = new Map<string, { readonly afterMs: number; readonly code: number }>();
  readonly #onDeath: () => void;
  #lastDeed: (() => void) | undefined;
  #onMutation: ((call: Call) => void) | undefined;
  #mutationsLeft = Number.POSITIVE_INFINITY;
  #mutations: Call[] = [];

  constructor(onDeath: () => void) {
    this.#onDeath = onDeath;
  }

  /** Plans a fault; the function returned takes it back. */
  plan(aim: Aim, fault: Fault): () => void {
    return put(this.#calls, aim, fault);
  }

  drop(aim: Aim): () => void {
    return this.plan(aim, { kind: "drop" });
  }

  delay(delayMs: number, aim: Aim = {}): () => void {
    return this.plan(aim, { kind: "delay", delayMs });
  }

  refuse(status: number, message: string, aim: Aim): () => void {
    return this.plan(aim, { kind: "refuse", status, message });
  }

  /** Answers with something else than the truth. `Body` is what the caller knows the honest answer to be. */
  lie<Body>(aim: Aim, change: (body: Body) => unknown): () => void {
    return this.plan(aim, { kind: "lie", change: change as (body: never) => unknown });
  }

  /** Makes pulls of matching references fail; `what` in the aim is matched against the reference. */
  failPulls(failure: PullFailure, aim: Aim = {}): () => void {
    return put(this.#pulls, aim, failure);
  }

  /** Delays what a program does after its container runs: `kube-apiserver`. */
  slowStart(program: string, delayMs: number): void {
    this.#slowStarts.set(program, delayMs);
  }

  /** Ends every container of that name some time after each of its starts. */
  exitAfter(container: string, afterMs: number, { code = 1 }: { readonly code?: number } = {}): void {
    this.#exits.set(container, { afterMs, code });
  }

  /** Ends what {@link slowStart} and {@link exitAfter} began. */
  relent(): void {
    this.#slowStarts.clear();
    this.#exits.clear();
  }

  /**
   * Kills the client after its n-th mutating call: done on the machine, never answered, nothing else gets through. `die`
   * is for a client that lives in this process, and ends it there.
   */
  dieAfter(mutations: number, die?: () => void): void {
    this.#mutationsLeft = mutations;
    this.#mutations = [];
    this.#lastDeed = die;
  }

  /** Lets clients in again after {@link dieAfter}. */
  revive(): void {
    this.#mutationsLeft = Number.POSITIVE_INFINITY;
  }

  get isDead(): boolean {
    return this.#mutationsLeft <= 0;
  }

  /** Tells of each mutating call when it has been done and is not answered yet. */
  onMutation(listener: (call: Call) => void): void {
    this.#onMutation = listener;
  }

  /** The mutating calls since {@link dieAfter}. */
  get mutations(): readonly Call[] {
    return this.#mutations;
  }

  /** What befalls a call before it is served; returns how the answer must be bent. */
  async meet(call: Call): Promise<(body: unknown) => unknown> {
    if (this.isDead) throw new Dropped();
    let delayMs = 0;
    let bend = (body: unknown): unknown => body;
    for (const { fault } of take(this.#calls, call)) {
      switch (fault.kind) {
        case "drop":
          throw new Dropped();
        case "delay":
          delayMs += fault.delayMs;
          break;
        case "refuse":
          throw new HttpRefusal(fault.status, fault.message);
        case "lie": {
          const { change } = fault;
          bend = (body) => change(body as never);
          break;
        }
        default:
          fault satisfies never;
      }
    }
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    return bend;
  }

  /** Counts a mutating call that was served; throws when it was the one the client does not survive. */
  afterServing(call: Call): void {
    if (this.isDead) throw new Dropped();
    if (!call.mutating) return;
    this.#mutations.push(call);
    this.#onMutation?.(call);
    this.#mutationsLeft -= 1;
    if (!this.isDead) return;
    this.#onDeath();
    this.#lastDeed?.();
    throw new Dropped();
  }

  pullFailure(node: string, reference: string): PullFailure | undefined {
    return take(this.#pulls, { node, layer: "docker", what: reference, mutating: true })[0]?.fault;
  }

  startDelayMs(program: string): number {
    return this.#slowStarts.get(program) ?? 0;
  }

  exitOf(container: string): { readonly afterMs: number; readonly code: number } | undefined {
    return this.#exits.get(container);
  }
}

function put<T>(list: Planned<T>[], aim: Aim, fault: T): () => void {
  const planned = { aim, fault, left: aim.times ?? Number.POSITIVE_INFINITY };
  list.push(planned);
  return () => {
    planned.left = 0;
  };
}

function take<T>(list: readonly Planned<T>[], { node, layer, what }: Call): readonly Planned<T>[] {
  const met = list.filter(
    ({ aim, left }) =>
      left > 0 &&
      (aim.node === undefined || aim.node === node) &&
      (aim.layer === undefined || aim.layer === layer) &&
      (aim.what === undefined || aim.what.test(what)),
  );
  for (const planned of met) planned.left -= 1;
  return met;
}
