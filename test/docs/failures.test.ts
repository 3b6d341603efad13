import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { answerTo, failures } from "./failures.ts";

describe("what is shown in docs/when-it-fails.md and docs/restore.md", () => {
  it.each(failures)("$name: is what a run answers", async (failure) => {
    const answer = await answerTo(failure);

    await expect(answer).toMatchFileSnapshot(join(__dirname, `shown/${failure.name}.txt`));
  });
});
