import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { describe, expect, it, onTestFinished } from "vitest";

import { runCli } from "../../provider/cli/run.ts";
import { Secret } from "../../provider/secrets.ts";
import { packSnapshot } from "../../provider/snapshots/archive.ts";
import { aDatabase, aManifest } from "../unit/snapshots/world.ts";

/** The example files are shown in the README under the name that people use. */
async function output(command: "plan" | "validate" | "snapshot", file = "cluster.yml"): Promise<string> {
  const lines: string[] = [];
  await runCli([command, file], {
    read: () => readFileSync(join(__dirname, `readme/${command}.yml`)),
    write: () => undefined,
    out: (text) => lines.push(text),
    err: (text) => lines.push(text),
    now: () => new Date(0),
  });
  return lines.join("");
}

describe("README.md", () => {
  const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");

  it("shows what snapshot prints", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-rke-readme-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "before-upgrade.zip");
    const state = { text: new Secret("{}"), passphrase: new Secret("correct horse battery staple") };
    await packSnapshot({ file, database: Readable.from([aDatabase()]), manifest: aManifest, state });

    const printed = await output("snapshot", file);

    expect(readme).toContain(`\`\`\`\n${printed.replace(file, "before-upgrade.zip")}\`\`\``);
  });

  it.each(["plan", "validate"] as const)("shows what %s prints", async (command) => {
    const printed = await output(command);

    expect(readme).toContain(`\`\`\`\n${printed}\`\`\``);
  });
});
