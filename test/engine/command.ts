import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

import { findPulumiCli } from "../support/pulumi-cli.mjs";

/**
 * The CLI, for the Automation API. After each run that one starts it three times more: for the history, and for the outputs with
 * secrets and without. Nothing here looks at the first and the last, so they are not asked for.
 */
export function command(): Promise<PulumiCommand> {
  found ??= find();
  return found;
}

let found: Promise<PulumiCommand> | undefined;

async function find(): Promise<PulumiCommand> {
  const root = findPulumiCli();
  if (root === undefined) throw new Error('There is no Pulumi CLI: run "node test/support/pulumi-cli.mjs"');
  const cli = (await PulumiCommand.get({ root })) as PulumiCommand & Runner;
  const run: Runner["run"] = async (words, ...rest) => {
    const stdout = unread.get(words.slice(0, 4).join(" "));
    return stdout === undefined ? cli.run(words, ...rest) : { stdout, stderr: "", code: 0 };
  };
  return Object.create(cli, { run: { value: run } });
}

/** What the Automation API calls, and does not declare. */
interface Runner {
  run(words: readonly string[], ...rest: readonly unknown[]): Promise<object>;
}

/** By the first words of a command, what is answered in its place. */
const unread: ReadonlyMap<string, string> = new Map([
  ["stack history --json --show-secrets", "[]"],
  ["stack output --json --stack", "{}"],
]);
