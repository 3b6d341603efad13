import { readdirSync, readFileSync } from "node:fs";

/** Ends every process that was started with a variable. Only Linux says which those are. */
export function killAll(variable: string): void {
  // One that was just being started may not be among those that are found first.
  for (let found = withVariable(variable); found.length > 0; found = withVariable(variable)) found.forEach(kill);
}

/** Ends the program of that name among them, and leaves alone what it has started. */
export function killProgram(name: string, variable: string): void {
  withVariable(variable)
    .filter((pid) => ofProcess(pid, "comm").trim() === name)
    .forEach(kill);
}

const withVariable = (variable: string): readonly number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && ofProcess(pid, "environ").includes(variable));

/** Empty for a process that has ended. */
function ofProcess(pid: number, what: "environ" | "comm"): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself in between.
  }
}
