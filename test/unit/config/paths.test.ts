import { describe, expect, it } from "vitest";

import { dotted, valueAt } from "../../../provider/config/paths.ts";

describe("dotted()", () => {
  it.each([
    [[], ""],
    [["nodes", 1, "role", 0], "nodes[1].role[0]"],
    [["services", "kube-api", "extra_args"], "services.kube-api.extra_args"],
    [["labels", "example.com/zone"], 'labels["example.com/zone"]'],
    [["labels", ""], 'labels[""]'],
    [["a.b"], '["a.b"]'],
  ])("writes %j as %s", (path, text) => {
    expect(dotted(path)).toBe(text);
  });
});

describe("valueAt()", () => {
  const root = { nodes: [{ role: ["etcd"] }] };

  it.each([
    [[], root],
    [["nodes", 0, "role", 0], "etcd"],
    [["nodes", 1], undefined],
    [["nodes", "length", "x"], undefined],
    [["constructor"], undefined],
  ])("finds what is at %j", (path, value) => {
    expect(valueAt(root, path)).toEqual(value);
  });
});
