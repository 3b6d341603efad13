import { describe, expect, it } from "vitest";

import { type AddonRecord, recordIn, recordObject } from "../../../../provider/desired/addons/record.ts";

const record: AddonRecord = {
  name: "canal",
  digest: "abc",
  isRolledOut: true,
  objects: [
    { apiVersion: "apps/v1", kind: "DaemonSet", namespace: "kube-system", name: "canal", digest: "0123" },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "system:coredns" },
  ],
};

describe("recordObject()", () => {
  it("is read back by recordIn()", () => {
    expect(recordIn(recordObject(record))).toEqual(record);
  });

  it("keeps no content of any object", () => {
    expect(recordObject(record).data).toEqual({
      digest: "abc",
      rolledOut: "true",
      objects: "apps/v1 DaemonSet kube-system/canal 0123\nrbac.authorization.k8s.io/v1 ClusterRole system:coredns -\n",
    });
  });
});

describe("recordIn()", () => {
  it("passes over ConfigMaps of others", () => {
    expect(recordIn({ metadata: { name: "coredns" }, data: {} })).toBeUndefined();
    expect(recordIn(undefined)).toBeUndefined();
  });
});
