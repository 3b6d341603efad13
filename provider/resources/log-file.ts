import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface LogFile {
  readonly write: (line: string) => void;
  readonly close: () => void;
  /** Where it lies; undefined where none could be made. */
  readonly path: string | undefined;
}

interface LogFileOptions {
  readonly folder: string | undefined;
  /** What the run is for, as it stands in the name of the file. */
  readonly title: string;
  readonly clock: () => Date;
  /** How many logs the folder keeps, the newest ones. */
  readonly keep?: number;
}

/** A file for everything that one run says, for its owner only. A log is worth having, and not worth failing for. */
export function openLogFile({ folder, title, clock, keep = MOST_FILES }: LogFileOptions): LogFile {
  if (folder === undefined) return noLog;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stamp = clock().toISOString().replaceAll(":", "-");
    const path = join(folder, `${`${title}-${stamp}`.replaceAll(/[^\w.-]+/g, "-")}.log`);
    const file = openSync(path, "a", 0o600);
    dropOldest(folder, keep);
    return {
      write: (line) => void writeSync(file, `${clock().toISOString()} ${line}\n`),
      close: () => closeSync(file),
      path,
    };
  } catch {
    return noLog;
  }
}

const MOST_FILES = 100;

/** Only what has the form of our names: the folder may be one that a person chose, with other things in it. */
function dropOldest(folder: string, keep: number): void {
  const logs = readdirSync(folder)
    .filter((name) => /-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}Z\.log$/.test(name))
    .map((name) => ({ path: join(folder, name), writtenMs: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.writtenMs - a.writtenMs);
  for (const { path } of logs.slice(keep)) rmSync(path, { force: true });
}

const noLog: LogFile = { write: () => undefined, close: () => undefined, path: undefined };
