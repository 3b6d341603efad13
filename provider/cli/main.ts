#!/usr/bin/env node
import { readFileSync, writeFileSync, writeSync } from "node:fs";

import { runCli } from "./run.ts";

/** Prints all of a text, also into a pipe whose reader is slow: leaving before it is drained would cut the output. */
function print(descriptor: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
    }
  }
}

void runCli(process.argv.slice(2), {
  read: (file) => readFileSync(file === "-" ? 0 : file),
  write: (file, text) => writeFileSync(file, text, { mode: 0o600, flag: "wx" }),
  out: (text) => print(1, text),
  err: (text) => print(2, text),
  now: () => new Date(),
}).then((code) => {
  process.exitCode = code;
});
