import { describe, expect, it } from "vitest";

import {
  duration,
  flag,
  type GoField,
  type GoStruct,
  intOrText,
  list,
  map,
  number,
  pointer,
  quantity,
  rawBytes,
  rawObject,
  struct,
  text,
  time,
} from "../../../../provider/config/rke-form/go-type.ts";
import { yamlOf } from "../../../../provider/config/rke-form/yaml-of.ts";

describe("yamlOf", () => {
  it("spells out everything that is empty", () => {
    const type = struct({
      "a?": text,
      "b?": number,
      "c?": flag,
      "d?": list(text),
      "e?": map(text),
      "f?": pointer(flag),
    });

    const yaml = yamlOf({}, type);

    expect(yaml).toEqual({ a: "", b: 0, c: false, d: [], e: {}, f: null });
  });

  it("names the fields of Kubernetes types as Go does, in lower case", () => {
    const type = struct({ nonResourceURLs: list(text), metadata: text }, { metadata: "ObjectMeta" });

    const yaml = yamlOf({ nonResourceURLs: ["/x"], metadata: "m" }, type);

    expect(yaml).toEqual({ nonresourceurls: ["/x"], objectmeta: "m" });
  });

  it("gives an embedded struct a key of its own", () => {
    const type = struct({ "...TypeMeta": struct({ "kind?": text }), name: text });

    const yaml = yamlOf({ kind: "K", name: "n" }, type);

    expect(yaml).toEqual({ typemeta: { kind: "K" }, name: "n" });
  });

  it.each([
    { value: 3, yaml: { type: 0, intval: 3, strval: "" } },
    { value: "25%", yaml: { type: 1, intval: 0, strval: "25%" } },
  ])("shows both halves of a number or percentage: $value", ({ value, yaml }) => {
    expect(yamlOf(value, intOrText)).toEqual(yaml);
  });

  it.each([
    { value: "1Gi", format: "BinarySI" },
    { value: "500m", format: "DecimalSI" },
    { value: 5, format: "DecimalSI" },
    { value: "1e3", format: "DecimalExponent" },
    { value: "1E", format: "DecimalSI" },
    { value: undefined, format: "" },
  ])("keeps only the format of a quantity, as RKE does: $value", ({ value, format }) => {
    expect(yamlOf(value, quantity)).toEqual({ format });
  });

  it("shows an object of any type as the bytes of its JSON, keys in order and safe for HTML", () => {
    const yaml = yamlOf({ b: "<é>", a: 1 }, rawObject);

    expect(yaml).toEqual({
      typemeta: {},
      raw: [...Buffer.from('{"a":1,"b":"\\u003cé\\u003e"}')],
      contentencoding: "",
      contenttype: "application/json",
    });
  });

  it("shows other JSON as bytes", () => {
    expect(yamlOf({}, rawBytes)).toEqual({ raw: [123, 125] });
  });

  it("shows a time that is not set as the beginning of Go's calendar", () => {
    expect(yamlOf(undefined, time)).toBe("0001-01-01T00:00:00Z");
  });

  it("shows a duration within its struct", () => {
    expect(yamlOf("3s", duration)).toEqual({ duration: "3s" });
  });

  it("leaves out a struct of which all fields are empty, where it may be left out", () => {
    const inner: GoStruct = struct({ "a?": text, "b?": struct({ "c?": flag }) });
    const type: GoStruct = { kind: "struct", fields: [leftOut("empty", inner), leftOut("full", inner)] };

    const yaml = yamlOf({ empty: { a: "", b: { c: false } }, full: { b: { c: true } } }, type);

    expect(yaml).toEqual({ full: { a: "", b: { c: true } } });
  });

  it("keeps a value of another kind as it is", () => {
    expect(yamlOf("x", struct({ a: text }))).toBe("x");
  });
});

const leftOut = (name: string, type: GoStruct): GoField => ({
  name,
  state: name,
  yaml: name,
  type,
  leftOutOfState: true,
  leftOutOfYaml: true,
});
