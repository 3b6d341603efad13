import { setMaxListeners } from "node:events";

/**
 * Waits for a promise until a signal says stop, then throws the signal's reason.
 * The work itself goes on, and a later failure of it is nobody's concern: for work that several callers share.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  work.catch(() => undefined);
  signal.throwIfAborted();
  // One signal stops a whole operation, so any number of calls may wait on it; Node takes more than ten for a leak.
  setMaxListeners(0, signal);
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
