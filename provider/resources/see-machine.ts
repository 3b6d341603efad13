import { setTimeout as after } from "node:timers/promises";

import { RkeError } from "../errors.ts";
import { type Probe, until } from "../execute/wait.ts";
import type { Connection } from "../hosts/connection.ts";
import { Host } from "../hosts/host.ts";
import { Pool } from "../hosts/pool.ts";
import type { NodeFacts } from "../observed/facts.ts";
import { lookAtNode } from "../observed/look-at-node.ts";
import type { Run } from "./run.ts";

export interface SeeOptions {
  /** What people call the machine. */
  readonly name: string;
  readonly run: Pick<Run, "signal" | "emit">;
  readonly clock: () => Date;
}

/** Looks at one machine over a connection of its own. */
export async function seeMachine(
  connection: Connection,
  options: SeeOptions,
): Promise<{ readonly facts: NodeFacts; readonly hostKey: string | undefined }> {
  const { run, clock } = options;
  return withHost(connection, options, async (host) => {
    const facts = await lookAtNode(host, {
      prefixPath: "/",
      images: [],
      clock,
      signal: run.signal,
      limitMs: 120_000,
    });
    if (facts.status === "unreachable") return { facts, hostKey: undefined };
    return { facts, hostKey: (await host.open({ signal: run.signal })).key };
  });
}

/**
 * Waits until SSH and Docker answer. A machine that was just made refuses connections first, then logins, and has no Docker
 * for a while: cloud-init is still at work. Only what no time will mend ends the wait: a wrong host key, an unreadable key.
 */
export async function awaitMachine(
  connection: Connection,
  { waitForMs, ...options }: SeeOptions & { readonly waitForMs: number },
): Promise<void> {
  const { name, run, clock } = options;
  const probe = async (signal: AbortSignal): Promise<Probe<undefined>> => {
    try {
      await withHost(connection, options, (host) => host.docker().version({ signal }));
      return { done: true, value: undefined };
    } catch (error) {
      signal.throwIfAborted();
      const mayPass = error instanceof RkeError && ["ssh", "docker"].includes(error.code) && !isOtherKey(error);
      if (!mayPass) throw error;
      return { done: false, lastAnswer: error.detail.because };
    }
  };
  const context = {
    ...run,
    clock,
    nameOf: () => name,
    sleep: (ms: number): Promise<void> => after(ms, undefined, { signal: run.signal }),
  };
  await until("SSH and Docker to answer", probe, {
    intervalMs: 3000,
    limitMs: waitForMs,
    context,
    node: connection.host,
    hint: "Check that the machine runs, that its firewall lets SSH in, and that cloud-init has installed Docker; or set a longer waitFor",
  });
}

/** Somebody else's machine, or one that was made anew: waiting does not make it the one that is known. */
const isOtherKey = ({ detail }: RkeError): boolean => /host key/i.test(`${detail.because} ${detail.hint ?? ""}`);

async function withHost<T>(
  connection: Connection,
  { name }: Pick<SeeOptions, "name">,
  work: (host: Host) => Promise<T>,
): Promise<T> {
  const pool = new Pool();
  const host = new Host({ name, connection, pool });
  try {
    return await work(host);
  } finally {
    host.close();
    await pool.close();
  }
}
