import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const root = join(__dirname, "../..");

/** The texts that Pulumi makes of the providers of the compiled package: what ends up in every stack. */
function serialised(): Readonly<Record<string, string>> {
  const script = `
    const { serializeFunction } = require("@pulumi/pulumi").runtime;
    const { shell } = require("./dist/sdk/shell.js");
    const textOf = async (kind) => {
      const provider = shell(kind);
      return [kind, (await serializeFunction(() => provider, { allowSecrets: true })).text];
    };
    Promise.all(["identity", "node", "cluster", "backup"].map(textOf)).then((texts) => {
      console.log(JSON.stringify(Object.fromEntries(texts)));
    });
  `;
  return JSON.parse(execFileSync(process.execPath, ["--no-warnings", "-e", script], { cwd: root, encoding: "utf8" }));
}

let texts: Readonly<Record<string, string>>;
beforeAll(() => {
  texts = serialised();
});

describe("shell()", () => {
  // A new hash means that every resource of every stack shows a changed __provider, and that old texts differ from new
  // ones. They must go on working together: change it for a good reason only, and never the names within.
  it.each([
    ["identity", "fbe414d3e888b8bd"],
    ["node", "43972164d06b1912"],
    ["cluster", "648487cc43e58698"],
    ["backup", "447e31542e118e0e"],
  ])("serialises the %s to a small text that stays as it is", (kind, hash) => {
    const text = texts[kind] ?? "";

    expect(text.length).toBeLessThan(3000);
    expect(createHash("sha256").update(text).digest("hex").slice(0, 16)).toBe(hash);
  });

  it("captures nothing but the name of its kind", () => {
    expect(texts.cluster).not.toMatch(/require\(|node_modules|dist\//);
  });
});
