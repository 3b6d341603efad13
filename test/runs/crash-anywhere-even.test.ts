import { afterAll, describe, expect, it } from "vitest";

import { type Crashes, crashAnywhere, summary } from "./crash-anywhere.ts";
import { scenarios } from "./scenarios.ts";

const seen: Crashes[] = [];
afterAll(() => process.stdout.write(`${summary(seen)}\n`));

describe("bringUp() and bringDown(), killed anywhere and run again", () => {
  // The other half has a file, and so a process, of its own.
  const half = scenarios.filter((_, index) => index % 2 === 0);

  it.each(half)("reach the same end: $name", { timeout: 3_600_000 }, async (scenario) => {
    const crashes = await crashAnywhere(scenario);

    seen.push(crashes);
    expect(crashes.failures).toEqual([]);
  });
});
