import { durationText } from "../duration-text.ts";
import { RkeError } from "../errors.ts";
import { abortable } from "../hosts/abortable.ts";
import { redact } from "../secrets.ts";
import type { Context } from "./context.ts";
import { withDeadline } from "./deadline.ts";

/** What a look at something that takes time has shown. */
export type Probe<T> =
  | { readonly done: true; readonly value: T }
  /** What was answered instead, for the person who waits. */
  | { readonly done: false; readonly lastAnswer: string };

export interface UntilOptions {
  /** The longest pause between two looks; the first ones follow each other faster. */
  readonly intervalMs: number;
  readonly limitMs: number;
  readonly context: Pick<Context, "clock" | "sleep" | "signal" | "emit" | "nameOf">;
  /** Address of the machine that is waited for. */
  readonly node?: string | undefined;
  /** What a person can do when it does not come. */
  readonly hint?: string | undefined;
  /** After how long a look that has no answer is given up for another one. */
  readonly probeLimitMs?: number;
}

/**
 * Looks again and again until what is waited for is there: the only loop that waits. `name` reads after "waiting for":
 * `etcd to be healthy`. An error of the probe that may pass counts as an answer, any other ends the wait.
 */
export async function until<T>(
  name: string,
  probe: (signal: AbortSignal) => Probe<T> | Promise<Probe<T>>,
  options: UntilOptions,
): Promise<T> {
  const { intervalMs, limitMs, context, node, probeLimitMs = 15_000 } = options;
  const startedAtMs = context.clock().getTime();
  const elapsed = () => context.clock().getTime() - startedAtMs;
  let pauseMs = Math.min(FIRST_PAUSE_MS, intervalMs);
  let nextWordMs = FIRST_WORD_MS;
  for (;;) {
    const timeLeftMs = Math.max(LEAST_PATIENCE_MS, limitMs - elapsed());
    const seen = await look(probe, { signal: context.signal, limitMs: Math.min(probeLimitMs, timeLeftMs) });
    if (seen.done) return seen.value;
    const lastAnswer = redact(seen.lastAnswer);
    const elapsedMs = elapsed();
    if (elapsedMs >= limitMs) throw notThere(name, lastAnswer, options);
    if (elapsedMs >= nextWordMs) {
      context.emit({ kind: "waiting", for: name, ...(node !== undefined && { node }), lastAnswer, elapsedMs });
      nextWordMs = (Math.floor(elapsedMs / WORD_INTERVAL_MS) + 1) * WORD_INTERVAL_MS;
    }
    await context.sleep(Math.min(pauseMs, limitMs - elapsedMs));
    pauseMs = Math.min(pauseMs * 2, intervalMs);
  }
}

const FIRST_PAUSE_MS = 50;
/** Also for the look at the very end: cut short, its silence would stand in the error in place of what was said before. */
const LEAST_PATIENCE_MS = 2000;
const FIRST_WORD_MS = 10_000;
const WORD_INTERVAL_MS = 30_000;

async function look<T>(
  probe: (signal: AbortSignal) => Probe<T> | Promise<Probe<T>>,
  { signal, limitMs }: { signal: AbortSignal; limitMs: number },
): Promise<Probe<T>> {
  signal.throwIfAborted();
  const patience = withDeadline(signal, limitMs, "look");
  try {
    return await abortable(Promise.resolve(probe(patience)), patience);
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted) return { done: false, lastAnswer: `no answer within ${durationText(limitMs)}` };
    if (error instanceof RkeError && error.transient) return { done: false, lastAnswer: error.detail.because };
    throw error;
  }
}

function notThere(name: string, lastAnswer: string, { limitMs, context, node, hint }: UntilOptions): RkeError {
  // What is an error's text has quotes of its own.
  const answer = lastAnswer.includes('"') ? `: ${lastAnswer}` : ` "${lastAnswer}"`;
  return new RkeError("timeout", {
    doing: `finish waiting for ${name}`,
    ...(node !== undefined && { node: context.nameOf(node) }),
    because: `after ${durationText(limitMs)} the last answer was${answer}`,
    ...(hint !== undefined && { hint }),
  });
}
