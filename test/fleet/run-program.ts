import { DiskError } from "./disk.ts";
import { HttpRefusal } from "./http.ts";
import type { Process, Program } from "./programs.ts";

/** Runs a program in a process and sees to its exit code and its last words. */
export async function run(found: Program, process: Process): Promise<void> {
  if (process.hasEnded) return;
  try {
    const code = await found.run(process);
    if (code !== undefined) process.exit(code);
  } catch (error) {
    const isExpected = error instanceof DiskError || error instanceof HttpRefusal;
    process.log(isExpected ? error.message : `fleet: ${(error as Error).stack ?? String(error)}`);
    process.exit(isExpected ? 1 : 255);
  }
}
