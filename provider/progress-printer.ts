import { durationText } from "./duration-text.ts";
import type { Listener, RunEvent } from "./progress.ts";
import { redactor, type Secret } from "./secrets.ts";

export interface PrinterOptions {
  /** Begins each line, because the engine does not say whose output it shows. */
  readonly cluster: string;
  /** What people call a machine, by its address. */
  readonly nameOf: (address: string) => string;
  /** Takes one line without its end. */
  readonly write: (line: string) => void;
  readonly clock: () => Date;
  readonly secrets?: Iterable<Secret<string>>;
  /** How many machines the cluster has. With many of them, counts per phase are printed in place of a line per step. */
  readonly nodeCount: number;
  /** Prints the beginning of steps and the end of phases too: for a log, in which one sees what a hanging run hangs in. */
  readonly isComplete?: boolean;
}

/** Prints a run in whole lines: the cluster, the machine, and what happens there. */
export function progressPrinter(options: PrinterOptions): Listener {
  const { cluster, nameOf, write, clock, secrets = [], nodeCount, isComplete = false } = options;
  const clean = redactor(secrets);
  const say = (node: string | undefined, text: string): void => {
    const start = [cluster, ...(node === undefined ? [] : [nameOf(node)])].join("  ");
    for (const line of clean(text).split("\n")) write(`${start}  ${line.trim()}`);
  };
  if (isComplete) return complete(say);
  return nodeCount > MOST_NODES_LINE_BY_LINE ? compact(say, clock) : lineByLine(say);
}

const MOST_NODES_LINE_BY_LINE = 20;

type Say = (node: string | undefined, text: string) => void;

const lineByLine =
  (say: Say): Listener =>
  (event) => {
    switch (event.kind) {
      case "phase-started":
        return say(undefined, `${event.phase} (${event.index}/${event.count})`);
      case "phase-finished":
      case "step-started":
        return undefined;
      case "step-finished":
        return say(event.node, `${event.step}: ${event.outcome}, ${durationText(event.tookMs)}`);
      case "step-failed":
        return say(event.node, `${event.step}: failed, ${event.because}`);
      case "waiting":
        return say(event.node, waitingText(event));
      case "retrying":
        return say(event.node, `trying again to ${event.what} (attempt ${event.attempt}): ${event.because}`);
      case "notice":
        return say(undefined, event.text);
      default:
        return event satisfies never;
    }
  };

function complete(say: Say): Listener {
  const print = lineByLine(say);
  return (event) => {
    if (event.kind === "step-started") return say(event.node, `${event.step}: begins`);
    if (event.kind === "phase-finished") return say(undefined, `${event.phase}: done, ${durationText(event.tookMs)}`);
    return print(event);
  };
}

/** The same wait on many machines is one line, from time to time; failures and notices are never left out. */
function compact(say: Say, clock: () => Date): Listener {
  const print = lineByLine(say);
  const isDue = everySoOften(clock);
  const waiting = new Map<string, Set<string | undefined>>();
  let place = "";
  let done = { changed: 0, unchanged: 0 };
  const counts = (): string => `${place}: ${done.changed} changed, ${done.unchanged} unchanged`;
  /** How many other machines have waited for the same since it was last spoken of. */
  const othersOf = (event: Waiting): number => {
    const nodes = waiting.get(event.for);
    waiting.delete(event.for);
    return (nodes?.size ?? 1) - 1;
  };
  return (event) => {
    switch (event.kind) {
      case "phase-started":
        place = `${event.phase} (${event.index}/${event.count})`;
        done = { changed: 0, unchanged: 0 };
        isDue("counts");
        return print(event);
      case "phase-finished":
        return say(undefined, `${counts()}, ${durationText(event.tookMs)}`);
      case "step-finished":
        done[event.outcome]++;
        return isDue("counts") ? say(undefined, counts()) : undefined;
      case "waiting":
        waiting.set(event.for, (waiting.get(event.for) ?? new Set()).add(event.node));
        return isDue(`waiting ${event.for}`) ? say(event.node, waitingText(event, othersOf(event))) : undefined;
      case "retrying":
        return isDue(`retrying ${event.what}`) ? print(event) : undefined;
      case "step-started":
      case "step-failed":
      case "notice":
        return print(event);
      default:
        return event satisfies never;
    }
  };
}

const QUIET_MS = 10_000;

/** Whether it is time to speak of something again. */
function everySoOften(clock: () => Date): (subject: string) => boolean {
  const spoken = new Map<string, number>();
  return (subject) => {
    const nowMs = clock().getTime();
    if (nowMs - (spoken.get(subject) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return false;
    spoken.set(subject, nowMs);
    return true;
  };
}

type Waiting = Extract<RunEvent, { kind: "waiting" }>;

function waitingText({ for: what, elapsedMs, lastAnswer }: Waiting, others = 0): string {
  const where = others === 0 ? "" : ` here and on ${others} more`;
  return `waiting for ${what}${where}, ${durationText(elapsedMs)}, last answer "${lastAnswer}"`;
}
