/** Does the same for many things, no more than so many at a time; the first failure ends it. Results are in order. */
export async function atMost<T, R>(
  width: number,
  things: readonly T[],
  work: (thing: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(things.length);
  const queue = things.entries();
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    for (const [index, thing] of queue) {
      if (hasFailed) return;
      try {
        results[index] = await work(thing);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  // All have ended before anybody hears of a failure: nothing goes on behind the back of who tries again.
  const ended = await Promise.allSettled(Array.from({ length: Math.min(width, things.length) }, worker));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return results;
}
