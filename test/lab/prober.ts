import { spawn } from "node:child_process";
import { join } from "node:path";

import { clientIn } from "./api.ts";
import { home, nameServer } from "./machines.ts";

/** What somebody saw who asked one service five times a second, as long as it took. */
export interface Seen {
  readonly name: string;
  readonly requests: number;
  readonly failed: number;
  /** How often the server asked to come again later. */
  readonly retried: number;
  readonly slowestMs: number;
  /** The longest time without an answer. */
  readonly longestGapMs: number;
  /** When and why, the first few. */
  readonly failures: readonly string[];
}

export interface Prober {
  stop(): Promise<readonly Seen[]>;
}

export interface ProberOptions {
  /** URLs by the name that the result has for them. */
  readonly targets: Readonly<Record<string, string>>;
  /** Whose certificates the API servers are asked with. */
  readonly kubeconfig: string;
}

/**
 * Asks all targets, each request on a connection of its own, by the same network code that kubectl has. In a process of its
 * own, whose clock stands still for nobody.
 */
export function aProber({ targets, kubeconfig }: ProberOptions): Prober {
  const child = spawn(join(home, "bin/prober"), { stdio: ["pipe", "pipe", "inherit"] });
  const order = {
    intervalMs: 200,
    // As long as a controller waits that must renew its lease; kubectl would wait for ever.
    timeoutMs: 10_000,
    resolver: `${nameServer}:53`,
    ...clientIn(kubeconfig),
    targets: Object.entries(targets).map(([name, url]) => ({ name, url })),
  };
  child.stdin.write(`${JSON.stringify(order)}\n`);
  const printed = new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(text) : reject(new Error(`The prober ended with code ${code}`))));
  });
  return {
    async stop() {
      child.stdin.end();
      return JSON.parse(await printed) as readonly Seen[];
    },
  };
}
