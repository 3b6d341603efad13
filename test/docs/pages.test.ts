import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { ErrorCode } from "../../provider/errors.ts";
import { brokenLinks, filled, pages, pathOf, scriptsNamedIn, shownOn, textOf } from "./pages.ts";

const codes = {
  config: true,
  ssh: true,
  docker: true,
  registry: true,
  etcd: true,
  kube: true,
  timeout: true,
  cancelled: true,
  unsafe: true,
  storage: true,
  state: true,
  internal: true,
} satisfies Record<ErrorCode, true>;

describe("README.md and docs/", () => {
  it.each(pages)("%s shows outputs and files as they are; npm run docs brings them up to date", async (page) => {
    await expect(filled(textOf(page))).toMatchFileSnapshot(pathOf(page));
  });

  it("show every output that is kept for them", () => {
    const kept = readdirSync(pathOf("test/docs/shown")).map((name) => name.replace(/\.txt$/, ""));

    const shown = pages.flatMap((page) => shownOn(textOf(page)));

    expect([...new Set(shown)].sort()).toEqual(kept.sort());
  });

  it.each([...pages, "docs/reference.md"])("%s has no link that leads nowhere", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it.each(pages)("%s names scripts that there are", (page) => {
    const { scripts } = JSON.parse(textOf("package.json"));

    expect(scriptsNamedIn(textOf(page)).filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("docs/when-it-fails.md", () => {
  it.each(Object.keys(codes))("has a section for errors of the kind %s", (code) => {
    expect(textOf("docs/when-it-fails.md")).toMatch(new RegExp(`^### .*\`${code}\``, "m"));
  });
});
