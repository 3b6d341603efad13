import { describe, expect, it } from "vitest";

import { mergePatch, strategicPatch } from "../../fleet/kube-patch.ts";

describe("mergePatch()", () => {
  it("sets, removes by null and replaces lists whole", () => {
    const target = { a: 1, b: { c: 2, d: 3 }, list: [1, 2] };

    expect(mergePatch(target, { a: 9, b: { c: null }, list: [3] })).toEqual({ a: 9, b: { d: 3 }, list: [3] });
  });
});

describe("strategicPatch()", () => {
  it("merges lists whose items have a key", () => {
    const target = {
      conditions: [
        { type: "Ready", status: "False" },
        { type: "Disk", status: "True" },
      ],
    };

    expect(strategicPatch(target, { conditions: [{ type: "Ready", status: "True" }] })).toEqual({
      conditions: [
        { type: "Ready", status: "True" },
        { type: "Disk", status: "True" },
      ],
    });
  });

  it("replaces taints whole, as Kubernetes does", () => {
    const target = { taints: [{ key: "a", effect: "NoSchedule" }] };

    expect(strategicPatch(target, { taints: [{ key: "b", effect: "NoSchedule" }] })).toEqual({
      taints: [{ key: "b", effect: "NoSchedule" }],
    });
  });

  it("removes an item by directive", () => {
    const target = { containers: [{ name: "a" }, { name: "b" }] };

    expect(strategicPatch(target, { containers: [{ name: "a", $patch: "delete" }] })).toEqual({
      containers: [{ name: "b" }],
    });
  });
});
