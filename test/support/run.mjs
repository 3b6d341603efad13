import { spawnSync } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** Runs a command with its output on the terminal and ends this process when it fails. */
export function run(command, args, { cwd = root, quiet = false } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    stdio: quiet ? "pipe" : "inherit",
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return stdout;
  if (quiet) process.stderr.write(`${stdout}${stderr}`);
  process.stderr.write(`${command} ${args.join(" ")} ended with ${error?.message ?? `code ${status}`}\n`);
  process.exit(1);
}
