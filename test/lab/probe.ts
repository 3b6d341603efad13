import { get } from "node:https";

/** What somebody saw who asked several addresses of one service all the time, as long as it took. */
export interface Availability {
  readonly requests: number;
  /** The moments in which no address answered. */
  readonly unanswered: readonly string[];
}

/**
 * Asks all addresses five times a second. An API server that says "unauthorized" is there; one that cannot serve
 * answers with an error of its own.
 */
export function aProbe(urls: readonly string[]): { stop(): Promise<Availability> } {
  const rounds: Promise<string | undefined>[] = [];
  const ticking = setInterval(() => {
    const asked = new Date().toISOString();
    const round = Promise.all(urls.map(answers)).then((each) => (each.includes(true) ? undefined : asked));
    rounds.push(round);
  }, 200);
  return {
    async stop() {
      clearInterval(ticking);
      const failed = await Promise.all(rounds);
      return { requests: rounds.length, unanswered: failed.filter((moment) => moment !== undefined) };
    },
  };
}

/** Over a connection of its own, as a new client would. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, rejectUnauthorized: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 500);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
