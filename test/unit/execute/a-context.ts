import { RkeError } from "../../../provider/errors.ts";
import type { Context } from "../../../provider/execute/context.ts";
import type { RunEvent } from "../../../provider/progress.ts";

/** A context without machines, whose clock goes on only while somebody sleeps. */
export function aContext(changes: Partial<Context> = {}): FakeContext {
  const events: RunEvent[] = [];
  const naps: number[] = [];
  let nowMs = Date.parse("2026-03-01T12:00:00Z");
  const { signal = new AbortController().signal } = changes;
  const absent = (what: string) => (): never => {
    throw new Error(`This test has no ${what}`);
  };
  return {
    events,
    naps,
    passMs: (ms) => {
      nowMs += ms;
    },
    signal,
    clock: () => new Date(nowMs),
    emit: (event) => events.push(event),
    sleep: async (ms) => {
      signal.throwIfAborted();
      naps.push(ms);
      nowMs += ms;
    },
    nameOf: (address) => `node-${address.split(".").at(-1)} (${address})`,
    host: absent("machines"),
    docker: absent("Docker"),
    etcd: absent("etcd"),
    kube: absent("API server"),
    clockOffsetMs: () => 0,
    certificates: {},
    registryCredentials: async () => undefined,
    ...changes,
  };
}

export interface FakeContext extends Context {
  readonly events: readonly RunEvent[];
  /** How long was slept, each time. */
  readonly naps: readonly number[];
  passMs(ms: number): void;
}

/** An error that another try may not meet. */
export const passing = (because = "the connection broke"): RkeError =>
  new RkeError("docker", { doing: "list the containers", because }, { transient: true });

/** An error that every try meets. */
export const lasting = (because = "no space left on device"): RkeError =>
  new RkeError("docker", { doing: "list the containers", because });
