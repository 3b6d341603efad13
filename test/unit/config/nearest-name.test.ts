import { describe, expect, it } from "vitest";

import { nearestName } from "../../../provider/config/nearest-name.ts";

const known = ["address", "kube-api", "kube-controller", "routetable-id", "role", "port"];

describe("nearestName()", () => {
  it.each([
    ["kube_api", "kube-api"],
    ["kubeController", "kube-controller"],
    ["ROUTETABLE_ID", "routetable-id"],
    ["adress", "address"],
    ["addresss", "address"],
    ["adderss", "address"],
    ["rol", "role"],
    ["prot", "port"],
  ])("takes %s for %s", (name, meant) => {
    expect(nearestName(name, known)).toBe(meant);
  });

  it.each(["", "x", "frobnicate", "ab", "a".repeat(1000)])("knows nothing like %j", (name) => {
    expect(nearestName(name, known)).toBeUndefined();
  });
});
