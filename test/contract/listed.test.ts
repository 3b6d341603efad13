import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

describe("What simulated machines do otherwise", () => {
  it("is listed in docs/testing.md, and nothing else is", () => {
    const page = readFileSync(join(__dirname, "../../docs/testing.md"), "utf8");
    const [, table = ""] = /\| what real machines do \| .*\n\|---\|---\|\n((?:\|.*\n)+)/.exec(page) ?? [];
    const listed = [...table.matchAll(/^\| (.*?) \|/gm)].map(([, what]) => what);

    expect(listed.sort()).toEqual(readdirSync(__dirname).flatMap(markedIn).sort());
  });
});

/** The names of the tests that are marked in a file. */
function markedIn(file: string): readonly (string | undefined)[] {
  if (!file.endsWith(".test.ts")) return [];
  const text = readFileSync(join(__dirname, file), "utf8");
  return [...text.matchAll(/^ *unlike\(\s*"(.*?)"/gm)].map(([, what]) => what);
}
