import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type EngineEvent,
  LocalWorkspace,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";

import { findPulumiCli, pathFor } from "../support/pulumi-cli.mjs";
import { type Run, runOf } from "./run.ts";

export type Verb = "preview" | "up" | "refresh" | "destroy";

export interface StackOptions {
  /** Values of the program's configuration, under the name of its project; objects are written as JSON. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly program: PulumiFn;
}

/** A stack of the real engine, with its state in a folder of its own. */
export interface EngineStack {
  /** Takes another program, as an edited file. */
  write(program: PulumiFn): void;
  set(config: Readonly<Record<string, unknown>>): Promise<void>;
  preview(): Promise<Run>;
  /** The signal stops it as one Ctrl-C does. */
  up(options?: { readonly signal?: AbortSignal }): Promise<Run>;
  refresh(): Promise<Run>;
  destroy(): Promise<Run>;
  /** Ends the engine and the provider as a power cut does: nothing is saved any more. */
  kill(): void;
  /** Takes away the lock that a killed engine leaves. */
  unlock(): Promise<void>;
  /** The state file as it lies on the disk: what is secret in it is encrypted. */
  state(): string;
  /** Everything that the provider wrote into its log files. */
  logs(): string;
  close(): Promise<void>;
}

/** The engine asks for a folder inside the clone: that is where the provider's process finds the package. */
const folders = join(__dirname, "../../.vitest/engine");

export async function aStack({ config = {}, program }: StackOptions): Promise<EngineStack> {
  mkdirSync(folders, { recursive: true });
  const folder = mkdtempSync(join(folders, "stack-"));
  for (const name of ["work", "home", "state", "logs"]) mkdirSync(join(folder, name));

  const stack = await LocalWorkspace.createStack(
    { stackName: "test", projectName: project, program },
    {
      workDir: join(folder, "work"),
      pulumiHome: join(folder, "home"),
      pulumiCommand: await cli(),
      envVars: env(folder),
    },
  );
  const set = async (values: Readonly<Record<string, unknown>>): Promise<void> => {
    const texts = Object.entries(values).map(([key, value]) => [`${project}:${key}`, { value: textOf(value) }]);
    await stack.setAllConfig(Object.fromEntries(texts));
  };
  if (Object.keys(config).length > 0) await set(config);

  const run = async (verb: Verb, options: Stop = {}): Promise<Run> => perform(stack, verb, options);
  return {
    write(next) {
      stack.workspace.program = next;
    },
    set,
    preview: () => run("preview"),
    up: (options) => run("up", options),
    refresh: () => run("refresh"),
    destroy: () => run("destroy"),
    kill() {
      for (const pid of processesOf(folder)) process.kill(pid, "SIGKILL");
    },
    unlock: () => stack.cancel(),
    state: () => readAll(join(folder, "state")),
    logs: () => readAll(join(folder, "logs")),
    async close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const project = "engine-test";

async function cli(): Promise<PulumiCommand> {
  const root = findPulumiCli();
  if (root === undefined) throw new Error('There is no Pulumi CLI: run "node test/support/pulumi-cli.mjs"');
  return PulumiCommand.get({ root });
}

function env(folder: string): Record<string, string> {
  const root = findPulumiCli() ?? "";
  return {
    PATH: pathFor(root),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "not a secret",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_RKE_LOG_DIR: join(folder, "logs"),
    // The test runner's own options are not for the processes that the engine starts.
    NODE_OPTIONS: "",
  };
}

function readAll(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")).join("");
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

interface Stop {
  readonly signal?: AbortSignal;
}

async function perform(stack: Stack, verb: Verb, stop: Stop): Promise<Run> {
  const events: EngineEvent[] = [];
  const printed: string[] = [];
  const print = (text: string): void => void printed.push(text);
  const options = {
    ...stop,
    onEvent: (event: EngineEvent) => void events.push(event),
    onOutput: print,
    onError: print,
  };
  const failure = await stack[verb](options).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  return runOf({ events, printed: printed.join(""), failure, outputs: await stack.outputs() });
}

/** The engine and all it started, told by the variables that they were given. Known to Linux only. */
function processesOf(folder: string): readonly number[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return all.filter((pid) => environmentOf(pid).includes(`PULUMI_RKE_LOG_DIR=${folder}/`)).map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
