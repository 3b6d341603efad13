import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { pathFor, pulumiCli } from "../test/support/pulumi-cli.mjs";
import { root } from "../test/support/run.mjs";
import { readable } from "./readable.mjs";

const require = createRequire(import.meta.url);
const projectName = "pulumi-rke-quickstart";

/** Where a stack has its state; in the clone, since there the provider's process finds the package. */
export const folderOf = (name) => join(root, ".quickstart", name);

/**
 * The program of the root's Pulumi.yaml in a stack of its own, run by whichever CLI there is. Without `isKept` it begins
 * from nothing: simulated machines are new each time, and what was known of the last ones is worth nothing.
 */
export async function aStack({
  name,
  inventory,
  isKept = false,
  passphrase = "",
  program = quickstart,
  print = readable(write),
}) {
  const folder = folderOf(name);
  if (!isKept) rmSync(join(folder, "state"), { recursive: true, force: true });
  for (const part of ["work", "home", "state"]) mkdirSync(join(folder, part), { recursive: true });
  const { LocalWorkspace, PulumiCommand } = require("@pulumi/pulumi/automation");
  const cli = await pulumiCli({ say: console.error });
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName, program },
    {
      workDir: join(folder, "work"),
      pulumiHome: join(folder, "home"),
      pulumiCommand: await PulumiCommand.get({ root: cli }),
      envVars: {
        PATH: pathFor(cli),
        PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    },
  );
  const set = (key, value) => stack.setConfig(`${projectName}:${key}`, { value });
  await set("inventory", inventory);
  await set("kubernetesVersion", "v1.30.9-rancher1-1");

  const seen = { onOutput: print, color: "never" };
  return {
    set,
    preview: () => stack.preview(seen),
    up: () => stack.up(seen),
    destroy: () => stack.destroy(seen),
    output: async (name) => (await stack.outputs())[name].value,
  };
}

const write = (text) => void process.stdout.write(text);

/** A program is a module that is loaded anew for each run. */
async function quickstart() {
  const file = join(root, "quickstart/index.js");
  delete require.cache[file];
  return require(file);
}
