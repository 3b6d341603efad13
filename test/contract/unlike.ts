import { describe, it, type TestFunction } from "vitest";

import { isReal } from "./world.ts";

/**
 * A test of something that simulated machines do otherwise. There it must fail, so that a difference that is gone does not
 * stay in the list: docs/testing.md names each by these words.
 */
export function unlike(what: string, test: TestFunction, timeoutMs?: number): void {
  const options = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  describe("otherwise on simulated machines", () => {
    if (isReal()) it(what, options, test);
    else it.fails(what, options, test);
  });
}
