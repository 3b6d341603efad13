import { posix } from "node:path";
import { setTimeout as after } from "node:timers/promises";

import { packed } from "../hosts/archive.ts";
import type { Docker } from "../hosts/docker.ts";
import { redact } from "../secrets.ts";
import type { Context } from "./context.ts";
import { journalPath } from "./lock-record.ts";

/** What a run has done so far, where the next one finds it. */
export interface Journal {
  /** Adds a line. It is on the machines a moment later, and nobody waits for that. */
  note(line: string): void;
  /** Writes what is still to be written, and no more from then on. Never fails. */
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly context: Pick<Context, "clock"> & { readonly docker: (address: string) => Pick<Docker, "putArchive"> };
  /** The locks that carry it, by address: ids of containers. */
  readonly locks: ReadonlyMap<string, string>;
  /** The least time between two writes; the lines between them go together. */
  readonly intervalMs?: number;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * A journal on the machines that carry the lock, each with a copy of its own. It is there for people and for a notice:
 * the next run goes by what it sees. So a machine that does not take it is left out, and the run goes on.
 */
export function journalOn({ context, locks, intervalMs = 1000, pause = pauseUnref }: JournalOptions): Journal {
  const homes = new Map(locks);
  const closing = new AbortController();
  let lines: readonly string[] = [];
  let isWritten = true;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    isWritten = true;
    const content = Buffer.from(`${lines.join("\n")}\n`, "utf8");
    const archive = packed([{ name: basename(journalPath), content, mode: 0o644 }]);
    const copies = [...homes].map(async ([address, container]) => {
      const signal = AbortSignal.timeout(WRITE_LIMIT_MS);
      await context
        .docker(address)
        .putArchive(container, dirname(journalPath), { archive, signal })
        .catch(() => homes.delete(address));
    });
    await Promise.all(copies);
  };
  const writeWhileThereIsNews = async (): Promise<void> => {
    while (!isWritten) {
      await write();
      if (!closing.signal.aborted) await pause(intervalMs, closing.signal);
    }
    writing = undefined;
  };
  return {
    note(line) {
      if (closing.signal.aborted) return;
      lines = bounded([...lines, `${context.clock().toISOString()} ${oneLine(line)}`]);
      isWritten = false;
      writing ??= writeWhileThereIsNews();
    },
    async close() {
      closing.abort();
      await writing;
    },
  };
}

/** The text of a journal as lines, without their times. */
export const journalLines = (text: string): readonly string[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^\S+Z /, ""));

const { basename, dirname } = posix;

const WRITE_LIMIT_MS = 10_000;
const MOST_LINES = 300;
const LONGEST_LINE = 200;

const oneLine = (line: string): string => redact(line).replace(/\s+/g, " ").trim().slice(0, LONGEST_LINE);

/** The first lines say what the run is, and the last ones how far it came. */
function bounded(lines: readonly string[]): readonly string[] {
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, 2), "…", ...lines.slice(3 - MOST_LINES)];
}

/** Does not keep the process alive, and ends early without an error. */
async function pauseUnref(ms: number, signal: AbortSignal): Promise<void> {
  await after(ms, undefined, { ref: false, signal }).catch(() => undefined);
}
