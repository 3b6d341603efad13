import { describe, expect, it } from "vitest";

import type { NodeConfig } from "../../../provider/config/cluster-config.ts";
import { isReservedTaint, nodeObject } from "../../../provider/desired/node-object.ts";

const aNodeConfig = (changes: Partial<NodeConfig> = {}): NodeConfig => ({
  address: "10.0.0.1",
  internalAddress: "192.168.0.1",
  hostnameOverride: "node-a",
  port: "22",
  user: "ubuntu",
  sshAgentAuth: false,
  sshKeyPath: "~/.ssh/id_rsa",
  role: ["worker"],
  ...changes,
});

const etcdTaint = { key: "node-role.kubernetes.io/etcd", value: "true", effect: "NoExecute" };
const controlPlaneTaint = { key: "node-role.kubernetes.io/controlplane", value: "true", effect: "NoSchedule" };

describe("nodeObject()", () => {
  it("nodeObject() labels a node with its roles and takes the others away", () => {
    const { labels, labelsToDelete } = nodeObject(aNodeConfig({ role: ["etcd", "controlplane"] }));

    expect(labels).toEqual({
      "node-role.kubernetes.io/controlplane": "true",
      "node-role.kubernetes.io/etcd": "true",
    });
    expect(labelsToDelete).toEqual(["node-role.kubernetes.io/worker"]);
  });

  it("nodeObject() lets a person's label win over that of a role", () => {
    const { labels } = nodeObject(aNodeConfig({ labels: { "node-role.kubernetes.io/worker": "no", empty: "" } }));

    expect(labels).toEqual({ "node-role.kubernetes.io/worker": "no", empty: "" });
  });

  it("nodeObject() records both addresses", () => {
    expect(nodeObject(aNodeConfig()).annotations).toEqual({
      "rke.cattle.io/external-ip": "10.0.0.1",
      "rke.cattle.io/internal-ip": "192.168.0.1",
    });
  });

  it.each<[NodeConfig["role"], object[]]>([
    [["worker"], []],
    [["etcd"], [etcdTaint]],
    [["controlplane"], [controlPlaneTaint]],
    [
      ["controlplane", "etcd"],
      [etcdTaint, controlPlaneTaint],
    ],
    [["controlplane", "etcd", "worker"], []],
    [["etcd", "worker"], []],
  ])("nodeObject() keeps pods off a node that is %j with the right taints", (role, taints) => {
    expect(nodeObject(aNodeConfig({ role })).taints).toEqual(taints);
  });

  it("nodeObject() passes over reserved taints of a person, also on a worker", () => {
    const taints = [etcdTaint, { ...controlPlaneTaint, value: "false" }] as NonNullable<NodeConfig["taints"]>;

    expect(nodeObject(aNodeConfig({ taints })).taints).toEqual([]);
  });

  it("nodeObject() keeps a taint that shares only the key with a reserved one", () => {
    const taint = { ...etcdTaint, effect: "NoSchedule" } as const;

    expect(nodeObject(aNodeConfig({ taints: [taint] })).taints).toEqual([taint]);
  });

  it("nodeObject() takes the first of two taints with one key and effect, and both where the effects differ", () => {
    const taints = [
      { key: "k", value: "first", effect: "NoSchedule" },
      { key: "k", value: "second", effect: "NoSchedule" },
      { key: "k", value: "third", effect: "NoExecute" },
    ] as const;

    expect(nodeObject(aNodeConfig({ taints: [...taints] })).taints).toEqual([taints[2], taints[0]]);
  });

  it("nodeObject() fills in what a taint leaves out", () => {
    expect(nodeObject(aNodeConfig({ taints: [{ key: "k" }] })).taints).toEqual([{ key: "k", value: "", effect: "" }]);
  });
});

describe("isReservedTaint()", () => {
  it.each([
    [etcdTaint, true],
    [controlPlaneTaint, true],
    [{ ...etcdTaint, value: "other" }, true],
    [{ ...etcdTaint, effect: "NoSchedule" }, false],
    [{}, false],
  ])("isReservedTaint() of %j is %s", (taint, expected) => {
    expect(isReservedTaint(taint)).toBe(expected);
  });
});
