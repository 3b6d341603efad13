import { describe, expect, it } from "vitest";

import { unknownValue } from "../../../provider/config/unknowns.ts";
import { clusterArgs, nodeNames, programPath } from "../../../provider/resources/cluster-inputs.ts";

describe("clusterArgs()", () => {
  it("puts secrets back where they were taken from", () => {
    const args = clusterArgs({
      privateRegistries: [{ url: "a" }, { url: "b" }],
      secrets: { "privateRegistries[1].password": "hunter2" },
    });

    expect(args.privateRegistries).toEqual([{ url: "a" }, { url: "b", password: "hunter2" }]);
  });

  it("finds a secret under a name that has dots in it", () => {
    const args = clusterArgs({ secrets: { 'network.x["vc.example.com"].password': "hunter2" } });

    expect(args.network).toEqual({ x: { "vc.example.com": { password: "hunter2" } } });
  });

  it("puts a node and the way to it together, in the words of the schema", () => {
    const args = clusterArgs({
      nodes: { web: { host: "192.0.2.1", port: 2222, roles: ["worker"] } },
      connections: { web: { privateKey: "key", hostKey: "SHA256:x" } },
    });

    expect(args.nodes).toEqual([{ address: "192.0.2.1", port: "2222", user: "root", role: ["worker"], sshKey: "key" }]);
  });

  it("takes connections that are not known yet for keys that are not known yet", () => {
    const args = clusterArgs({ nodes: { web: { host: "a" } }, connections: unknownValue });

    expect(args.nodes).toEqual([{ address: "a", user: "root", sshKey: unknownValue }]);
  });

  it("takes neither outputs nor inputs of its own for settings", () => {
    const args = clusterArgs({ name: "prod", planes: {}, facts: {}, waive: [], clusterName: "blue" });

    expect(args).toEqual({ clusterName: "blue", nodes: [] });
  });
});

describe("nodeNames()", () => {
  it("orders names as people count", () => {
    expect(nodeNames({ nodes: { "web-10": {}, "web-2": {}, "db-1": {} } })).toEqual(["db-1", "web-2", "web-10"]);
  });
});

describe("programPath()", () => {
  const inputs = { nodes: { b: { address: "1", host: "2" }, a: { host: "3" } } };

  it.each([
    [["nodes", 0, "role", 1], "nodes.a.roles[1]"],
    [["nodes", 0, "address"], "nodes.a.host"],
    [["nodes", 1, "address"], "nodes.b.address"],
    [["nodes", 1, "sshKey"], "nodes.b.privateKey"],
    [["services", "kubeApi", "extraArgs", "v"], "services.kubeApi.extraArgs.v"],
  ])("writes %j as %s", (path, written) => {
    expect(programPath(path, inputs)).toBe(written);
  });
});
