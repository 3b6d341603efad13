import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { referenceText } from "./reference.ts";

describe("docs/reference.md", () => {
  it("is what the sources say; npm run docs writes it anew", async () => {
    const text = referenceText();

    await expect(text).toMatchFileSnapshot(join(__dirname, "../../docs/reference.md"));
  });
});
