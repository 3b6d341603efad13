import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type EngineEvent,
  LocalWorkspace,
  type OutputMap,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";

import { poolFolder } from "../support/key-pool.ts";
import { findPulumiCli, pathFor } from "../support/pulumi-cli.mjs";
import { command } from "./command.ts";
import { killAll, killProgram } from "./processes.ts";
import { nameIn, type Run, runOf } from "./run.ts";
import { transitUrl } from "./transit.ts";

export type Verb = "preview" | "up" | "refresh" | "destroy";

export interface StackOptions {
  /** Values of the program's configuration, under the name of its project; objects are written as JSON. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly program: PulumiFn;
  /**
   * Makes its keys and encrypts its state by a passphrase, as most people's stacks do. All others take keys that have been made
   * before, and the help of a stand-in for Vault, and start with less: what is tested is the same, and takes half the time.
   */
  readonly isOrdinary?: boolean;
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
  /** Ends the engine alone, as the kernel does when memory runs out; the provider knows nothing of it. */
  killEngine(): void;
  /** Takes away the lock that a killed engine leaves. */
  unlock(): Promise<void>;
  /** The state file as it lies on the disk: what is secret in it is encrypted. */
  state(): string;
  /** The same without its backups and its history, as another stack can take it. */
  stateFile(): string;
  /** Puts such a file in the place of what there is. */
  take(stateFile: string): Promise<void>;
  /** Inputs of the resources of a type that are in the state, in clear, by the names of the resources. */
  inputs<T>(type: string): Promise<Readonly<Record<string, T>>>;
  /** Everything that the provider wrote into its log files. */
  logs(): string;
  close(): Promise<void>;
}

/** The engine asks for a folder inside the clone: that is where the provider's process finds the package. */
const folders = join(__dirname, "../../.vitest/engine");

export async function aStack({ config = {}, program, isOrdinary = false }: StackOptions): Promise<EngineStack> {
  mkdirSync(folders, { recursive: true });
  const folder = mkdtempSync(join(folders, "stack-"));
  for (const name of ["work", "home", "state", "logs"]) mkdirSync(join(folder, name));

  const stack = await LocalWorkspace.createStack(
    { stackName: "test", projectName: project, program },
    {
      workDir: join(folder, "work"),
      pulumiHome: join(folder, "home"),
      pulumiCommand: await command(),
      envVars: { ...env(folder), ...(isOrdinary ? {} : await quick(folder)) },
      ...(!isOrdinary && { secretsProvider: "hashivault://pulumi" }),
    },
  );
  const marker = `PULUMI_RKE_LOG_DIR=${folder}/`;
  const stateFile = join(folder, "state/.pulumi/stacks", project, "test.json");
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
      killAll(marker);
    },
    killEngine() {
      killProgram("pulumi", marker);
    },
    unlock: () => stack.cancel(),
    state: () => readAll(join(folder, "state")),
    stateFile: () => readFileSync(stateFile, "utf8"),
    async take(text) {
      writeFileSync(stateFile, text);
    },
    async inputs<T>(type: string) {
      const { deployment } = (await stack.exportStack()) as { readonly deployment: Checkpoint };
      const found = (deployment.resources ?? []).filter((resource) => resource.type === type);
      return Object.fromEntries(found.map(({ urn, inputs }) => [nameIn(urn), inClear(inputs) as T]));
    },
    logs: () => readAll(join(folder, "logs")),
    async close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const project = "engine-test";

interface Checkpoint {
  readonly resources?: readonly {
    readonly urn: string;
    readonly type: string;
    readonly inputs: Readonly<Record<string, unknown>>;
  }[];
}

/** Without what belongs to the shell, and with secrets as the values they are. */
const inClear = ({ __provider: _, ...inputs }: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, plain(value)]));

function plain(value: unknown): unknown {
  const isSecret = typeof value === "object" && value !== null && "plaintext" in value;
  return isSecret ? JSON.parse(String(value.plaintext)) : value;
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

/** Spares the processes of a stack what takes long and is not what is tested. */
async function quick(folder: string): Promise<Record<string, string>> {
  return {
    VAULT_SERVER_URL: await transitUrl(),
    VAULT_SERVER_TOKEN: "not a secret",
    NODE_OPTIONS: ["quick-start.mjs", "keys-from-pool.mjs"].map(preloaded).join(" "),
    KEYS_POOL: poolFolder,
    KEYS_USED: join(folder, "keys-used"),
  };
}

const preloaded = (file: string): string => `--import ${pathToFileURL(join(__dirname, "../support", file))}`;

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
  const ended = await stack[verb](options).then(
    (result) => ({ failure: undefined, outputs: "outputs" in result ? (result.outputs as OutputMap) : {} }),
    (error: unknown) => ({ failure: String(error), outputs: {} }),
  );
  return runOf({ events, printed: printed.join(""), ...ended });
}
