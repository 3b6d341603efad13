import { setTimeout as after } from "node:timers/promises";

import { durationText } from "../duration-text.ts";
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

export interface AwaitOptions extends SeeOptions {
  readonly waitForMs: number;
  /** How long a login may be refused before it is taken for wrong. */
  readonly graceMs?: number;
}

/**
 * Waits until SSH and Docker answer. A machine that was just made refuses connections first, then logins, and has no Docker
 * for a while: cloud-init is still at work. What no time will mend ends the wait: another host key, an unreadable key, and
 * a login that is still refused when cloud-init has had its time to install keys.
 */
export async function awaitMachine(
  connection: Connection,
  { waitForMs, graceMs = keyGraceMs, ...options }: AwaitOptions,
): Promise<void> {
  const { name, run, clock } = options;
  let refusedSinceMs: number | undefined;
  const probe = async (signal: AbortSignal): Promise<Probe<undefined>> => {
    try {
      await withHost(connection, options, (host) => host.docker().version({ signal }));
      return { done: true, value: undefined };
    } catch (error) {
      signal.throwIfAborted();
      const mayPass = error instanceof RkeError && ["ssh", "docker"].includes(error.code) && !isOtherKey(error);
      if (!mayPass) throw error;
      if (isRefusal(error)) {
        refusedSinceMs ??= clock().getTime();
        if (clock().getTime() - refusedSinceMs >= graceMs) throw stillRefused(error, { name, graceMs });
      } else {
        // A machine that restarts in between begins anew.
        refusedSinceMs = undefined;
      }
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

/** Longer than cloud-init takes from the first answer of sshd to the keys in their place. */
const keyGraceMs = 120_000;

/** sshd knows the user or the key not, or not yet. */
const isRefusal = ({ code, detail }: RkeError): boolean => code === "ssh" && /was refused with/.test(detail.because);

const stillRefused = ({ detail }: RkeError, { name, graceMs }: { name: string; graceMs: number }): RkeError =>
  new RkeError("ssh", {
    doing: "log in",
    node: name,
    because: `${detail.because}, and has been for ${durationText(graceMs)}: cloud-init would have installed the key by now`,
    ...(detail.hint !== undefined && { hint: detail.hint }),
  });

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
