import { parseArgs } from "node:util";

import { RkeError } from "../errors.ts";
import type { ExitCode, Io } from "./io.ts";
import { plan } from "./plan.ts";
import { snapshot } from "./snapshot.ts";
import { validate } from "./validate.ts";
import { packageVersion } from "./version.ts";

/** Runs one command line. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  const line = commandLine(args);
  if (typeof line === "string") {
    io.err(`pulumi-rke: ${line}\n\n${usage}`);
    return 2;
  }
  if (line.values.version) {
    io.out(`${packageVersion()}\n`);
    return 0;
  }
  if (line.values.help || line.command === undefined) {
    io.out(usage);
    return 0;
  }
  try {
    return await commands[line.command](line.file, line.values, io);
  } catch (error) {
    if (!(error instanceof RkeError)) throw error;
    io.err(`pulumi-rke: ${error.message}\n`);
    return 1;
  }
}

const commands = { validate, plan, snapshot };

const isCommand = (word: string): word is keyof typeof commands => Object.hasOwn(commands, word);

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  strict: { type: "boolean" },
  docker: { type: "string" },
  json: { type: "boolean" },
  node: { type: "string" },
  certs: { type: "boolean" },
  "passphrase-file": { type: "string" },
  state: { type: "string" },
} as const;

const optionsOf: Readonly<Record<keyof typeof commands, readonly string[]>> = {
  validate: ["strict", "docker", "json"],
  plan: ["strict", "docker", "json", "node", "certs"],
  snapshot: ["passphrase-file", "state"],
};

const exampleOf: Readonly<Record<keyof typeof commands, string>> = {
  validate: "cluster.yml",
  plan: "cluster.yml",
  snapshot: "before-upgrade.zip",
};

export type Values = ReturnType<typeof parsed>["values"];

type CommandLine =
  | { readonly command: keyof typeof commands; readonly file: string; readonly values: Values }
  | { readonly command: undefined; readonly values: Values };

const parsed = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });

function commandLine(args: readonly string[]): CommandLine | string {
  let words: ReturnType<typeof parsed>;
  try {
    words = parsed(args);
  } catch (error) {
    return (error as Error).message;
  }
  const { values, positionals } = words;
  const [command, file, ...more] = positionals;
  if (command === undefined || values.help || values.version) return { command: undefined, values };
  if (!isCommand(command)) return `There is no command "${command}"`;
  if (file === undefined) return `${command} wants a file: pulumi-rke ${command} ${exampleOf[command]}`;
  if (more.length > 0)
    return `${command} takes one file, and got ${[file, ...more].map((name) => `"${name}"`).join(", ")}`;
  const misplaced = Object.keys(values).find((name) => !optionsOf[command].includes(name));
  if (misplaced !== undefined) return `${command} has no option --${misplaced}`;
  if (file === "-" && values.docker === "-") return "The standard input can be one file, and is named as two";
  return { command, file, values };
}

const usage = `Checks and plans RKE1 clusters, and looks into snapshots of etcd. Touches no machine.

Usage:
  pulumi-rke validate FILE [--strict] [--docker FACTS] [--json]
  pulumi-rke plan FILE [--node NAME] [--certs] [--docker FACTS] [--strict] [--json]
  pulumi-rke snapshot FILE [--passphrase-file FILE] [--state FILE]

  FILE is a cluster.yml, and - reads it from the standard input; or a snapshot, in a zip or as etcdctl saves it.

  validate   says all that is wrong with a cluster.yml, and what is odd about it
  plan       shows what would run on each machine
  snapshot   reads all of a snapshot, and says whether it is whole, and of which cluster and time it is

Options:
  --node NAME     only this machine, in full (its address, internal address or hostname)
  --certs         the certificates of the cluster instead of its containers; they are made for the occasion and not kept
  --docker FACTS  a JSON file with what the machines' Docker engines say: facts by address, "default" for the others
                  ({"10.0.0.1": {"serverVersion": "27.5.1", "dockerRootDir": "/data/docker"}})
  --strict        take unknown keys for errors
  --passphrase-file FILE
                  what the state in a snapshot was encrypted with; - reads it from the standard input
  --state FILE    write the state in a snapshot there, as cluster.rkestate has it, for its owner only: certificates, keys
                  and configuration, in clear
  --json          print the whole of it as JSON. Secrets of the configuration are in it, in clear
  --version       print the version
  --help          print this text

Exit codes: 0 when all is well, 1 when the input is not, 2 when the command line is not.
`;
