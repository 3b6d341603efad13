import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";

import type { LockRecord } from "./lock-record.ts";

/** The process that asks for a lock. */
export interface Owner {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
}

/** This process. */
export function thisOwner(): Owner {
  return { user: userName(), host: hostname(), pid: process.pid };
}

export const ownerText = ({ user, host, pid }: Owner): string => `${user}@${host}, pid ${pid}`;

export interface LifeSigns {
  readonly owner: Owner;
  /** Whether a run of this process is under way. */
  readonly isOurs: (runId: string) => boolean;
  /** Whether there is a process of that number on this machine. */
  readonly exists?: (pid: number) => boolean;
}

/** Whether the run that has a lock may still be at work; `"unknown"` for one on another machine. */
export function lifeOf(
  { owner: text, runId }: Pick<LockRecord, "owner" | "runId">,
  { owner, isOurs, exists = processExists }: LifeSigns,
): "alive" | "dead" | "unknown" {
  const [, host, pid] = /@(.*), pid (\d+)$/.exec(text) ?? [];
  if (host !== owner.host) return "unknown";
  const isAlive = Number(pid) === owner.pid ? isOurs(runId) : exists(Number(pid));
  return isAlive ? "alive" : "dead";
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // Somebody else's process may not be asked, but it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Whether a process has ended and only its number is left, as in a container whose first process waits for no orphans.
 * Where there is no /proc to say so, it counts as living.
 */
function isZombie(pid: number): boolean {
  try {
    // The name of the program comes before the state, in brackets, and may hold brackets itself.
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** A user id without an entry in /etc/passwd, as in many containers, has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
