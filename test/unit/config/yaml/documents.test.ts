import { describe, expect, it } from "vitest";

import { yamlDocuments } from "../../../../provider/config/yaml/all-documents.ts";
import { firstDocument } from "../../../../provider/config/yaml/documents.ts";

describe("firstDocument()", () => {
  it.each([
    ["a: 1\n", "a: 1\n", undefined],
    ["---\na: 1\n", "---\na: 1\n", undefined],
    ["# comment\n\n--- \na: 1\n---\nb: 2\n", "# comment\n\n--- \na: 1\n", 21],
    ["a: 1\n---\nb: 2\n", "a: 1\n", 5],
    ["a: 1\n...\n", "a: 1\n", undefined],
    ["a: 1\n...\n# end\n", "a: 1\n", undefined],
    ["a: 1\n...\nb: 2\n", "a: 1\n", 5],
    ["a: ----\n---b: 1\n", "a: ----\n---b: 1\n", undefined],
    ["%YAML 1.1\n---\na: 1\n", "%YAML 1.1\n---\na: 1\n", undefined],
    ["\uFEFF---\na: 1\n", "\uFEFF---\na: 1\n", undefined],
    ["a: 1\r\n---\r\nb: 2\r\n", "a: 1\r\n", 6],
    ["---\n---\na: 1\n", "---\n", 4],
    ["", "", undefined],
  ])("cuts %j off after %j", (text, source, moreDocumentsAt) => {
    expect(firstDocument(text)).toEqual({ source, moreDocumentsAt });
  });
});

describe("yamlDocuments()", () => {
  it("reads all documents with their offsets", () => {
    const documents = [...yamlDocuments("a: 1\n---\nb: 2\n...\nc: 3\n")];

    expect(documents.map(({ at, tree }) => [at, tree.ok && tree.root?.kind])).toEqual([
      [0, "map"],
      [5, "map"],
      [17, "map"],
    ]);
  });

  it("goes on after a document that is not YAML", () => {
    const documents = [...yamlDocuments("a: b: c\n---\nb: 2\n")];

    expect(documents.map(({ tree }) => tree.ok)).toEqual([false, true]);
  });
});
