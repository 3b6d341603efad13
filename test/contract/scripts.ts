import type { Process, Program } from "../fleet/programs.ts";
import { program } from "../fleet/programs.ts";

/**
 * What the containers of these tests run. A real machine gives the text to its shell; a simulated one has none, and does
 * what stands beside it.
 */
export const scripts = {
  speaks: 'echo "to stdout"; echo "to stderr" >&2; exit 3',
  counts: "for i in 1 2 3 4 5 6; do echo line $i; done",
  ends: "exit 0",
  fails: "exit 7",
  failsLater: "sleep 1; exit 7",
  waits: 'trap "exit 0" TERM; sleep 600 & wait',
  sleeps: "sleep 600; true",
  reads: "cat /contract/in",
  writes: "echo written >/contract/out",
  speaksAndWaits: 'echo up; trap "exit 0" TERM; sleep 600 & wait',
  stopsShort: "printf 'no end'",
  makesDirectory: "mkdir /tmp/contract-empty",
  environment: 'echo "$COLOUR $PATH"',
} as const;

export type Script = keyof typeof scripts;

/** As a container or an exec is asked for it. */
export const shell = (script: Script): readonly string[] => ["sh", "-c", scripts[script]];

const simulated: Readonly<Record<Script, Program["run"]>> = {
  speaks: (process) => {
    process.log("to stdout", "stdout");
    process.log("to stderr", "stderr");
    return 3;
  },
  counts: (process) => {
    for (const number of [1, 2, 3, 4, 5, 6]) process.log(`line ${number}`, "stdout");
    return 0;
  },
  ends: () => 0,
  fails: () => 7,
  failsLater: (process) => {
    process.onEnd(process.machine.world.after(50, () => process.exit(7)));
    return undefined;
  },
  waits: () => undefined,
  sleeps: () => undefined,
  reads: (process) => {
    const content = process.files.read("/contract/in");
    if (content === undefined) return missing(process);
    process.log(content.toString("utf8").trimEnd(), "stdout");
    return 0;
  },
  writes: ({ files }) => {
    files.write("/contract/out", "written\n");
    return 0;
  },
  speaksAndWaits: (process) => {
    process.log("up", "stdout");
    return undefined;
  },
  stopsShort: (process) => {
    process.log("no end", "stdout");
    return 0;
  },
  makesDirectory: () => 0,
  environment: (process) => {
    process.log(`${process.env.COLOUR ?? ""} ${process.env.PATH ?? ""}`, "stdout");
    return 0;
  },
};

function missing(process: Process): number {
  process.log("cat: can't open '/contract/in': No such file or directory");
  return 1;
}

export const simulatedScripts: readonly Program[] = Object.entries(scripts).map(([name, text]) =>
  program(
    `contract: ${name}`,
    ({ argv: [first, option, script] }) => first === "sh" && option === "-c" && script === text,
    simulated[name as Script],
  ),
);
