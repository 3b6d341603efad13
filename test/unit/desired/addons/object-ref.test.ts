import { describe, expect, it } from "vitest";

import { refKey, refLine, refOfLine, refsWithout, refText } from "../../../../provider/desired/addons/object-ref.ts";

const canal = { apiVersion: "apps/v1", kind: "DaemonSet", namespace: "kube-system", name: "canal" };
const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "system:coredns" };

describe("refLine()", () => {
  it.each([canal, role])("is read back by refOfLine(): $name", (ref) => {
    expect(refOfLine(refLine(ref))).toEqual(ref);
  });

  it("says what an object is called", () => {
    expect([refText(canal), refText(role)]).toEqual(["DaemonSet kube-system/canal", "ClusterRole system:coredns"]);
  });
});

describe("refKey()", () => {
  it("is the same for every version of an API", () => {
    const budget = { kind: "PodDisruptionBudget", namespace: "kube-system", name: "a" };

    expect(refKey({ ...budget, apiVersion: "policy/v1beta1" })).toBe(refKey({ ...budget, apiVersion: "policy/v1" }));
  });

  it("takes an object that names no namespace for one in default", () => {
    const pod = { apiVersion: "v1", kind: "Pod", name: "a" };

    expect(refKey(pod)).toBe(refKey({ ...pod, namespace: "default" }));
    expect(refKey(pod)).not.toBe(refKey({ ...pod, namespace: "other" }));
  });
});

describe("refsWithout()", () => {
  it("keeps what the others do not have", () => {
    expect(refsWithout([canal, role], [role])).toEqual([canal]);
  });
});
