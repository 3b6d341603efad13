import { abortable } from "../hosts/abortable.ts";

/** The last in each queue: done when everything before it is. */
const last = new Map<string, Promise<unknown>>();

/**
 * Does things of one name one after another. Pulumi works on resources side by side, in one process; what they do to the same
 * machines with containers of the same name has to wait its turn. A failure is no reason for the next one not to begin.
 */
export async function oneAtATime<T>(
  name: string,
  { signal, work }: { readonly signal: AbortSignal; readonly work: () => Promise<T> },
): Promise<T> {
  const before = last.get(name) ?? Promise.resolve();
  let done = (): void => undefined;
  const turn = new Promise<void>((resolve) => {
    done = resolve;
  });
  const mine = before.then(() => turn);
  last.set(name, mine);
  try {
    await abortable(before, signal);
    return await work();
  } finally {
    done();
    if (last.get(name) === mine) last.delete(name);
  }
}
