import { describe, expect, it } from "vitest";

import { changedInputs } from "../../../provider/resources/properties.ts";

const outputs = ["facts", "hostKey"];

describe("changedInputs()", () => {
  it.each([
    ["the order of keys", { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }],
    ["what the state has beside the inputs", { a: 1, facts: {} }, { a: 1 }],
    ["the text of the provider", { __provider: "old" }, { __provider: "new" }],
  ])("does not mind %s", (_, olds, news) => {
    expect(changedInputs(olds, news, { outputs })).toEqual([]);
  });

  it.each([
    ["a value that is another one", { a: 1 }, { a: 2 }, "a"],
    ["an input that is new", {}, { a: 1 }, "a"],
    ["an input that is gone", { a: 1 }, {}, "a"],
    ["an output that is given as an input", { hostKey: "seen" }, { hostKey: "given" }, "hostKey"],
  ])("names %s", (_, olds, news, name) => {
    expect(changedInputs(olds, news, { outputs })).toEqual([name]);
  });
});
