import { describe, expect, it } from "vitest";

import { yamlValues } from "../../../../provider/config/yaml/values.ts";

const read = (text: string) => yamlValues(text, { doing: "read the test" });

describe("yamlValues()", () => {
  it("reads every document, and none where there is none", () => {
    expect(read("---\na: 1\n---\n# only words\n---\n- yes\n...\n")).toEqual([{ a: 1 }, [true]]);
    expect(read("")).toEqual([]);
  });

  it("names the line of the whole text in which a document is wrong", () => {
    expect(() => read("a: 1\n---\nb: 1\nb: 2\n")).toThrow("Cannot read the test: line 4: ");
    expect(() => read("a: 1\n---\nb: [\n")).toThrow(/Cannot read the test: line \d: /);
  });
});
