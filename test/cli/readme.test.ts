import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { runCli } from "../../provider/cli/run.ts";

/** The example files are shown in the README under the name that people use. */
async function output(command: "plan" | "validate"): Promise<string> {
  const lines: string[] = [];
  await runCli([command, "cluster.yml"], {
    read: () => readFileSync(join(__dirname, `readme/${command}.yml`)),
    out: (text) => lines.push(text),
    err: (text) => lines.push(text),
    now: () => new Date(0),
  });
  return lines.join("");
}

describe("README.md", () => {
  const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");

  it.each(["plan", "validate"] as const)("shows what %s prints", async (command) => {
    const printed = await output(command);

    expect(readme).toContain(`\`\`\`\n${printed}\`\`\``);
  });
});
