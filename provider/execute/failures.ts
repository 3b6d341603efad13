import { RkeError } from "../errors.ts";
import { redact } from "../secrets.ts";
import type { Step } from "../steps/step.ts";
import type { Context } from "./context.ts";

/** The failure of a step, in the words of the step where its own error says less. */
export function inStep(step: Step, error: unknown, { nameOf }: Pick<Context, "nameOf">): Error {
  const node = step.node === undefined ? undefined : nameOf(step.node);
  if (error instanceof AggregateError) return error;
  if (!(error instanceof RkeError)) {
    const because = redact(error instanceof Error ? error.message : String(error));
    const hint = "This should not happen: report it with the text above";
    return new RkeError(
      "internal",
      { doing: step.title, ...(node !== undefined && { node }), because, hint },
      { cause: error },
    );
  }
  if (error.detail.node !== undefined || node === undefined) return error;
  return new RkeError(error.code, { ...error.detail, node }, { cause: error, transient: error.transient });
}

/** Why a run was told to stop: a deadline says so itself, anything else is a person's wish. */
export function cancelled({ reason }: AbortSignal): RkeError {
  if (reason instanceof RkeError) return reason;
  const hint = "Run it again: it goes on from where it stopped";
  return new RkeError(
    "cancelled",
    { doing: "finish the run", because: "it was cancelled", hint },
    reason instanceof Error ? { cause: reason } : {},
  );
}

/** One error for all that went wrong side by side: a line for each, and each hint once. */
export function severalFailures(failures: readonly unknown[]): unknown {
  const flat = failures.flatMap((failure) => (failure instanceof AggregateError ? failure.errors : failure));
  // A cancelled run fails in every lane, with the same words.
  const all = [...new Map(flat.map((failure) => [messageOf(failure), failure])).values()];
  if (all.length < 2) return all[0] ?? failures[0];
  const lines = all.map((failure) => `  ${messageOf(failure).split("\n")[0]}`);
  const hints = new Set(all.flatMap((failure) => (failure instanceof RkeError ? (failure.detail.hint ?? []) : [])));
  return new AggregateError(all, [`${all.length} failures:`, ...lines, ...hints].join("\n"));
}

const messageOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));
