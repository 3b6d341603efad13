import { durationText } from "../duration-text.ts";
import { RkeError } from "../errors.ts";

/**
 * A signal that stops when the given one does, or after a time, with an error that names what took too long.
 * The timer does not keep the process alive, and is gone with the signal.
 */
export function withDeadline(signal: AbortSignal, limitMs: number, name: string): AbortSignal {
  const deadline = new AbortController();
  AbortSignal.timeout(limitMs).addEventListener("abort", () => deadline.abort(tooLate(name, limitMs)), { once: true });
  return AbortSignal.any([signal, deadline.signal]);
}

function tooLate(name: string, limitMs: number): RkeError {
  return new RkeError("timeout", {
    doing: name,
    because: `it took longer than ${durationText(limitMs)}`,
    hint: "Run it again: it goes on from where it stopped. Set a longer timeout when that is not enough",
  });
}
