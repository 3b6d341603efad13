export interface Stoppable {
  readonly signal?: AbortSignal | undefined;
}

/** What fails or takes too long is not there to be seen; only the signal makes looking fail. */
export async function unlessStopped<T>({ signal }: Stoppable, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** A signal that stops when the given one does, or after a time. */
export function limited({ signal }: Stoppable, limitMs: number): { readonly signal: AbortSignal } {
  const limit = AbortSignal.timeout(limitMs);
  return { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) };
}
