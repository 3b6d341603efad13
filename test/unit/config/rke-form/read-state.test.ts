import { describe, expect, it } from "vitest";

import {
  flag,
  type GoStruct,
  list,
  map,
  pointer,
  rawObject,
  struct,
  text,
} from "../../../../provider/config/rke-form/go-type.ts";
import { readState } from "../../../../provider/config/rke-form/read-state.ts";

describe("readState", () => {
  it("gives our names to RKE's keys", () => {
    const field = { name: "ours", state: "theirs", yaml: "y", type: text, leftOutOfState: true, leftOutOfYaml: false };
    const type: GoStruct = { kind: "struct", fields: [field] };

    expect(readState({ theirs: "x" }, type)).toEqual({ ours: "x" });
  });

  it("takes null for nothing", () => {
    const type = struct({ a: pointer(flag), b: list(text), c: text });

    expect(readState({ a: null, b: null, c: "x" }, type)).toEqual({ c: "x" });
  });

  it("takes null in lists and maps for the empty value, as Go does", () => {
    const type = struct({ a: list(text), b: map(list(text)), c: list(struct({ d: text })) });

    const value = readState({ a: [null], b: { k: null }, c: [null] }, type);

    expect(value).toEqual({ a: [""], b: { k: [] }, c: [{}] });
  });

  it("drops keys that the type does not have", () => {
    expect(readState({ a: "x", b: "y" }, struct({ a: text }))).toEqual({ a: "x" });
  });

  it("takes the fields of an embedded struct from its place", () => {
    const type = struct({ "...Meta": struct({ "kind?": text }), name: text });

    expect(readState({ kind: "K", name: "n" }, type)).toEqual({ kind: "K", name: "n" });
  });

  it("leaves an object of any type as it is", () => {
    const object = { z: null, a: [{ b: 1 }] };

    expect(readState(object, rawObject)).toEqual(object);
  });

  it.each([
    { kind: "a text for a struct", json: "x", type: struct({ a: text }) },
    { kind: "a struct for a list", json: { a: 1 }, type: list(text) },
    { kind: "a list for a map", json: ["x"], type: map(text) },
  ])("keeps $kind, for the schema to refuse", ({ json, type }) => {
    expect(readState(json, type)).toEqual(json);
  });
});
