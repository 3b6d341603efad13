import { describe, expect, it } from "vitest";

import { changedInputs, isSame } from "../../../provider/resources/properties.ts";

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

describe("isSame()", () => {
  it.each([
    ["the order of keys", { a: { x: [1, { y: 2 }], z: null } }, { a: { z: null, x: [1, { y: 2 }] } }],
    ["what is undefined", { a: 1, b: undefined }, { a: 1 }],
  ])("does not mind %s", (_, a, b) => {
    expect([isSame(a, b), isSame(b, a)]).toEqual([true, true]);
  });

  it.each([
    ["a value deep down", { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
    ["a key more", { a: 1 }, { a: 1, b: 2 }],
    ["an item more", [1], [1, 2]],
    ["the order of a list", [1, 2], [2, 1]],
    ["a list for a map", { 0: 1 }, [1]],
    ["a number for its text", { a: 1 }, { a: "1" }],
    ["nothing for null", { a: undefined }, { a: null }],
  ])("notices %s", (_, a, b) => {
    expect([isSame(a, b), isSame(b, a)]).toEqual([false, false]);
  });
});
