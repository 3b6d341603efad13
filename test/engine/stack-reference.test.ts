import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { findPulumiCli, pathFor } from "../support/pulumi-cli.mjs";
import { clusterProgram } from "./cluster-program.ts";
import { exampleProgram } from "./example.ts";

let fleet: Fleet;
let folder: string;
afterEach(async () => {
  await fleet.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the example stack-reference, with a stand-in for pulumi-kubernetes", () => {
  it("uses the cluster of another stack, and is left alone when that one is upgraded", async () => {
    fleet = await aFleet({ nodes: 1 });
    folder = mkdtempSync(join(madeFolder(), "stacks-"));
    const platform = await aStackOf("platform", platformProgram("v1.30.9-rancher1-1"));
    const shop = await aStackOf("shop", exampleProgram("stack-reference"));
    await shop.setConfig("shop:platform", { value: "organization/platform/test" });

    await platform.up();
    const made = await shop.up();
    platform.workspace.program = platformProgram("v1.31.4-rancher1-1");
    const upgraded = await platform.up();
    const after = await shop.preview();

    expect(made.outputs.shop).toMatchObject({ value: "shop" });
    expect(upgraded.summary.resourceChanges).toMatchObject({ update: 1 });
    expect(Object.keys(after.changeSummary).sort()).toEqual(["read", "same"]);
    fleet.invariants.assertHeld();
  });
});

const platformProgram = (kubernetesVersion: string): PulumiFn =>
  clusterProgram(fleet, { nodes: { "node-1": ["etcd", "controlplane", "worker"] }, kubernetesVersion });

/** The engine asks for a folder inside the clone: that is where the provider's process finds the package. */
function madeFolder(): string {
  const made = join(__dirname, "../../.vitest/engine");
  mkdirSync(made, { recursive: true });
  return made;
}

/** Stacks of one backend, each of a project of its own. */
async function aStackOf(projectName: string, program: PulumiFn): Promise<Stack> {
  const root = findPulumiCli();
  if (root === undefined) throw new Error('There is no Pulumi CLI: run "node test/support/pulumi-cli.mjs"');
  for (const name of [`work-${projectName}`, "home", "state", "logs"])
    mkdirSync(join(folder, name), { recursive: true });
  return LocalWorkspace.createStack(
    { stackName: "test", projectName, program },
    {
      workDir: join(folder, `work-${projectName}`),
      pulumiHome: join(folder, "home"),
      pulumiCommand: await PulumiCommand.get({ root }),
      envVars: {
        PATH: pathFor(root),
        PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "not a secret",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_RKE_LOG_DIR: join(folder, "logs"),
        NODE_OPTIONS: "",
      },
    },
  );
}
