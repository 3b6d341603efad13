import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { collected } from "../support/collected.ts";

const root = join(__dirname, "../..");
const main = join(root, "dist/provider/cli/main.js");

/** Compiles the sources when the compiled command is missing or older than one of them. Types are for other checks. */
export function compile(): void {
  if (isCurrent()) return;
  const { stdout } = spawnSync("npx", ["--no-install", "tsc", "-p", "tsconfig.build.json"], {
    cwd: root,
    encoding: "utf8",
  });
  if (!existsSync(main)) throw new Error(`The sources do not compile:\n${stdout}`);
}

function isCurrent(): boolean {
  const sources = ["provider", "sdk", "tsconfig.json", "tsconfig.build.json"].map((name) => newest(join(root, name)));
  return existsSync(main) && statSync(main).mtimeMs > Math.max(...sources);
}

function newest(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  const files = readdirSync(path, { recursive: true, encoding: "utf8" });
  return Math.max(...files.map((name) => statSync(join(path, name)).mtimeMs));
}

/** Runs the compiled command on files as `run` does, in this process, which loads it once. */
export async function inOneProcess(args: readonly string[]): Promise<Ended> {
  const { runCli } = createRequire(__filename)(
    join(root, "dist/provider/cli/run.js"),
  ) as typeof import("../../provider/cli/run.ts");
  return collected(runCli, args, { read: readFileSync, write: writeFileSync, now: () => new Date() });
}

/** Starts the compiled command; `node` are arguments for Node.js itself. */
export function start(args: readonly string[], { node = [] }: { node?: readonly string[] } = {}) {
  return spawn(process.execPath, [...node, main, ...args]);
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Waits for the end of a command, and collects what it writes to the streams that nobody else reads. */
export async function end(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const written = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    written.err += text;
  });
  const code = await exitOf(child);
  return { code, ...written };
}

export const exitOf = (child: ChildProcessWithoutNullStreams): Promise<number | null> =>
  new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));

/** Runs the compiled command to its end. */
export function run(args: readonly string[], { input = "" }: { input?: string } = {}): Promise<Ended> {
  const child = start(args);
  child.stdin.end(input);
  return end(child);
}
