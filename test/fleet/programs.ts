import type { Container } from "./container.ts";
import type { FileView } from "./disk.ts";
import type { Machine } from "./machine.ts";
import type { Listener } from "./network.ts";

/** What a container or an exec was asked to run. */
export interface Invocation {
  /** Without rke-tools' `entrypoint.sh` in front, which execs the rest. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly container: Container;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A running program: what it can see and do. */
export interface Process extends Invocation {
  readonly machine: Machine;
  readonly files: FileView;
  log(line: string, stream?: "stdout" | "stderr"): void;
  /** Takes a port of the machine until the process ends; throws in the kernel's words when it is taken. */
  listen(port: number, listener: Omit<Listener, "owner">): void;
  /** Runs when the process ends, for whatever reason. */
  onEnd(deed: () => void): void;
  exit(code: number): void;
  readonly hasEnded: boolean;
}

/** `undefined` from `run` means: goes on until it is stopped or calls `exit`. */
export type Run = (process: Process) => number | undefined | Promise<number | undefined>;

export interface Program {
  readonly name: string;
  readonly matches: (invocation: Invocation) => boolean;
  readonly run: Run;
}

/**
 * Says what happens in containers (and execs) that match. There is no shell on a fleet: a container that no program
 * matches does not start, so that a test never passes on a script nobody understood.
 */
export function program(name: string, matches: (invocation: Invocation) => boolean, run: Run): Program {
  return { name, matches, run };
}

/** Matches by the file name of the first word: `runs("etcd")` fits `/usr/local/bin/etcd --name=…`. */
export const runs =
  (binary: string) =>
  ({ argv: [first = ""] }: Invocation): boolean =>
    first.split("/").at(-1) === binary;

/** Matches by a label, whole or only its key. */
export const labelled =
  (key: string, value?: string) =>
  ({ labels }: Invocation): boolean =>
    value === undefined ? key in labels : labels[key] === value;

export function programFor(invocation: Invocation): Program | undefined {
  return invocation.container.machine.world.programs.findLast(({ matches }) => matches(invocation));
}

/** `--key=value`, `--key value` and bare `--key` (which is "true"); the last one wins. */
export function flagsOf(argv: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (const [index, word] of argv.entries()) {
    const [, key, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (key === undefined) continue;
    const next = argv[index + 1];
    flags.set(key, value ?? (next === undefined || next.startsWith("-") ? "true" : next));
  }
  return flags;
}
