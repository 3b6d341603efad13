import { spawnSync } from "node:child_process";
import { join } from "node:path";

import type { TestProject } from "vitest/node";

import { setup as engine } from "../engine/global-setup.ts";

/** How many machines the tests of each project use. */
const machines: Readonly<Record<string, number>> = { lab: 4, "lab-e2e": 5 };

/**
 * The compiled package, a Pulumi CLI, and machines that hold the images, so that no test waits for a pull. `LAB_NEW` says that
 * there are enough machines, and that nothing has been on them yet.
 */
export async function setup({ name }: TestProject): Promise<void> {
  await engine();
  if (process.env.LAB_NEW === undefined) {
    say("build");
    say("up", String(machines[name]));
    say("reset");
  }
  say("pull", "v1.31.4-rancher1-1", "v1.32.2-rancher1-1");
}

export function teardown(): void {
  if (process.env.LAB_KEEP === undefined) say("down", "stop");
}

function say(...words: readonly string[]): void {
  const env = { ...process.env, NODE_OPTIONS: "" };
  const { status } = spawnSync(join(__dirname, "lab"), words, { stdio: "inherit", env });
  if (status !== 0) throw new Error(`"lab ${words.join(" ")}" ended with code ${status}`);
}
