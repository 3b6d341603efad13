import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** As tsc has written it: this is what ends up in every stack. */
const compiled = join(__dirname, "../../dist/sdk/shell.js");
const { shellText } = createRequire(__filename)(compiled) as typeof import("../../sdk/shell.ts");

describe("shellText()", () => {
  // A new hash means that every resource of every stack shows a changed __provider, and that old texts differ from new
  // ones. They must go on working together: change it for a good reason only, and never the names within.
  it.each([
    ["identity", "c27280f387c7e3e9"],
    ["node", "3d0f10c51cf7e5d0"],
    ["cluster", "943b9a9e99b377c6"],
    ["backup", "79b4320efefaa348"],
  ] as const)("is for the %s a small text that stays as it is", (kind, hash) => {
    const text = shellText(kind);

    expect(text.length).toBeLessThan(1000);
    expect(createHash("sha256").update(text).digest("hex").slice(0, 16)).toBe(hash);
  });

  it("uses nothing but what stands in it", () => {
    const module = { exports: {} as { handler: () => Record<string, unknown> } };

    new Function("exports", shellText("cluster"))(module.exports);

    expect(Object.keys(module.exports.handler())).toEqual(["check", "diff", "create", "read", "update", "delete"]);
    expect(shellText("cluster")).not.toMatch(/require\(|node_modules|dist\/|pulumi\./);
  });
});
