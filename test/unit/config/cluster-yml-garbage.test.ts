import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readClusterYml } from "../../../provider/config/cluster-yml.ts";
import { parseCluster } from "../../../provider/config/parse.ts";
import { damagedClusterYml } from "../../support/config-arbitraries.ts";

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");
const policy = (yaml: string) => `services: {kube-api: {audit_log: {configuration: {policy: {x: ${yaml}}}}}}`;

describe("readClusterYml() ends soon, with one clear failure, for", () => {
  const bomb = `x-0: &a0 {k: v}\n${lines(40, (i) => `x-${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)}\n${policy("*a40")}`;
  const mergeBomb = `x-0: &m {${Array.from({ length: 1000 }, (_, i) => `k${i}: v`).join(", ")}}\nnodes:\n${lines(2000, () => "- labels: {<<: [*m, *m, *m]}")}`;
  const tooManyParts = "The file has more than 200000 parts, counting what its aliases repeat";
  const tooDeep = "The file is nested more than 64 levels deep";

  it.each([
    ["aliases that double forty times", bomb, tooManyParts],
    ["merges of a large map", mergeBomb, tooManyParts],
    ["a million items", policy(`[${"1,".repeat(1_000_000)}]`), tooManyParts],
    ["too many characters", "a".repeat(3_000_001), "The file has 3000001 characters: at most 3000000 are read"],
    ["a hundred thousand brackets", "[".repeat(100_000), tooDeep],
    ["a hundred thousand dashes", "- ".repeat(100_000), tooDeep],
    [
      "aliases that nest deeper than the text",
      `x-0: &a0 {k: v}\n${lines(70, (i) => `x-${i + 1}: &a${i + 1} [*a${i}]`)}\n${policy("*a70")}`,
      tooDeep,
    ],
    [
      "a zip file",
      "PK\u0003\u0004\u0014\u0000",
      "The character U+0003 is not allowed in YAML: save the file as UTF-8 text",
    ],
  ])("%s", (_, text, reason) => {
    const [first, ...more] = readClusterYml(text).failures;

    expect(first?.reason).toContain(reason);
    expect(more).toEqual([]);
  });

  it("says no more than a hundred things about a file", () => {
    const { failures, warnings } = readClusterYml(`nodes:\n${lines(1000, () => "- {role: a, foo: b}")}`);

    expect(failures).toHaveLength(100);
    expect(warnings.length).toBeLessThanOrEqual(101);
  });
});

describe("readClusterYml() and parseCluster()", () => {
  it("answer any text with findings of one line, and never fail", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: yamlish, maxLength: 200 })), (text) => {
        const reading = readClusterYml(text);

        const parsed = parseCluster(reading.args);

        const found = [...reading.failures, ...reading.warnings, ...(parsed.ok ? [] : parsed.failures)];
        expect(found.filter(({ reason }) => /[\r\n]/.test(reason))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("answer damaged files, and place every finding inside the file", () => {
    fc.assert(
      fc.property(damagedClusterYml, (text) => {
        const reading = readClusterYml(text);

        parseCluster(reading.args);

        const last = text.split(/\r\n|\n|\r/).length;
        const outside = reading.failures.filter(({ line = 0, column = 0 }) => line < 1 || line > last || column < 1);
        expect(outside).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

const yamlish = fc.constantFrom(
  ..."ab:-?[]{},&*!|>'\"%@`# \n\t~0.".split(""),
  "\n- ",
  "\n  ",
  ": ",
  "nodes:",
  "role: ",
  "*a",
  "&a ",
  "<<: ",
  "---\n",
  "services: ",
  "kube-api: ",
  "!!str ",
);
