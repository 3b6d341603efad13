import { describe, expect, it } from "vitest";

import {
  flag,
  list,
  map,
  number,
  pointer,
  quantity,
  rawObject,
  struct,
  text,
  time,
} from "../../../../provider/config/rke-form/go-type.ts";
import { stateOf } from "../../../../provider/config/rke-form/state-of.ts";

describe("stateOf", () => {
  it("leaves out what is empty and may be left out", () => {
    const type = struct({
      "a?": text,
      "b?": number,
      "c?": flag,
      "d?": list(text),
      "e?": map(text),
      "f?": pointer(flag),
    });

    const state = stateOf({ a: "", b: 0, c: false, d: [], e: {} }, type);

    expect(state).toEqual({});
  });

  it("writes the empty value of what may not be left out", () => {
    const type = struct({ a: text, b: number, c: flag, d: list(text), e: map(text), f: pointer(flag) });

    const state = stateOf({}, type);

    expect(state).toEqual({ a: "", b: 0, c: false, d: null, e: null, f: null });
  });

  it("never leaves out a struct", () => {
    const type = struct({ "a?": struct({ "b?": text }), "t?": time, "q?": quantity });

    const state = stateOf(undefined, type);

    expect(state).toEqual({ a: {}, t: null, q: "0" });
  });

  it("tells false behind a pointer from nothing", () => {
    const type = struct({ "a?": pointer(flag), "b?": pointer(struct({ "c?": text })) });

    const state = stateOf({ a: false, b: { c: "" } }, type);

    expect(state).toEqual({ a: false, b: {} });
  });

  it("puts the fields of an embedded struct in its place", () => {
    const type = struct({ "...Meta": struct({ "kind?": text, "no?": text }), name: text });

    const state = stateOf({ kind: "K", name: "n" }, type);

    expect(state).toEqual({ kind: "K", name: "n" });
  });

  it("drops keys that the type does not have", () => {
    const state = stateOf({ a: "x", b: "y" }, struct({ a: text }));

    expect(state).toEqual({ a: "x" });
  });

  it("writes an object of any type with its keys in order", () => {
    const state = stateOf({ b: [{ d: 1, c: null }], a: 2 }, rawObject);

    expect(JSON.stringify(state)).toBe('{"a":2,"b":[{"c":null,"d":1}]}');
  });

  it.each([
    { kind: "a text for a struct", value: "x", type: struct({ a: text }) },
    { kind: "a struct for a list", value: { a: 1 }, type: list(text) },
    { kind: "a list for a map", value: ["x"], type: map(text) },
  ])("keeps $kind as it is", ({ value, type }) => {
    expect(stateOf(value, type)).toEqual(value);
  });
});
