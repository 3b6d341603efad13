import { RkeError } from "../errors.ts";
import { redact } from "../secrets.ts";
import type { Context } from "./context.ts";

export interface RetryOptions {
  readonly context: Pick<Context, "sleep" | "signal" | "emit">;
  /** How often it is tried, the first time included. */
  readonly attempts: number;
  /** Address of the machine it is done on. */
  readonly node?: string | undefined;
}

/**
 * Does something again when its error says that it may pass; any other error is final at once. `what` is the deed as an
 * instruction: `pull rancher/hyperkube:v1.31.4-rancher1`. What is thrown in the end is the last error itself.
 */
export async function retry<T>(
  what: string,
  deed: (attempt: number) => Promise<T>,
  { context, attempts, node }: RetryOptions,
): Promise<T> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let attempt = 1; ; attempt++) {
    context.signal.throwIfAborted();
    try {
      return await deed(attempt);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof RkeError) || !error.transient || attempt >= attempts) throw error;
      const because = redact(error.detail.because);
      context.emit({ kind: "retrying", what, ...(node !== undefined && { node }), because, attempt: attempt + 1 });
    }
    await context.sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
