import { describe, expect, it } from "vitest";

import { oneNode, ran, threeNodes } from "./world.ts";

const strange = `${oneNode}colour: blue\nservices:\n  kubelet:\n    extra_arg: {v: "2"}\n`;
const wrong = `kubernetes_version: v1.32.6-rancher1-1
network: {plugin: cilium}
nodes:
- {address: 10.0.0.1, user: u, role: [etcd, worker, master]}
- {address: 10.0.0.1, user: u, role: [controlplane]}
`;

describe("validate()", () => {
  it("validate() says what it has found to be right", async () => {
    expect(await ran(["validate", "c.yml"], { "c.yml": threeNodes })).toEqual({
      code: 0,
      out: "c.yml is valid: 3 nodes, Kubernetes v1.32.6-rancher1-1\n",
      err: "",
    });
  });

  it("validate() says all that is wrong at once, in the order of the lines, and nothing else", async () => {
    const { code, out, err } = await ran(["validate", "c.yml"], { "c.yml": wrong });

    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatchInlineSnapshot(`
      "c.yml:2:11: error: network.plugin: "cilium" is not possible here: write "canal", "flannel", "calico", "weave", "aci" or "none"
      c.yml:4:53: error: nodes[0].role[2]: "master" is not possible here: write "etcd", "controlplane" or "worker"
      c.yml:5:4: error: nodes[1].address: nodes[0] has the address "10.0.0.1" too: give each node its own
      "
    `);
  });

  it("validate() warns of unknown keys and goes on", async () => {
    const { code, out, err } = await ran(["validate", "c.yml"], { "c.yml": strange });

    expect([code, out]).toEqual([0, "c.yml is valid: 1 node, Kubernetes v1.32.6-rancher1-1, 2 warnings\n"]);
    expect(err).toMatchInlineSnapshot(`
      "c.yml:4:1: warning: colour: Unknown key "colour": it has no effect
      c.yml:7:5: warning: services.kubelet.extra_arg: Unknown key "extra_arg": did you mean "extra_args"?
      "
    `);
  });

  it("validate() takes unknown keys for errors when it is strict", async () => {
    const { code, out, err } = await ran(["validate", "c.yml", "--strict"], { "c.yml": strange });

    expect([code, out]).toEqual([1, ""]);
    expect(err.match(/: error: /g)).toHaveLength(2);
  });

  it("validate() takes other warnings for warnings when it is strict", async () => {
    const withoutVersion = threeNodes.split("\n").slice(1).join("\n");

    const { code, err } = await ran(["validate", "c.yml", "--strict"], { "c.yml": withoutVersion });

    expect(code).toBe(0);
    expect(err).toContain("c.yml: warning: kubernetes_version: No Kubernetes version is given");
  });

  it("validate() has its findings as JSON, and keeps standard error for people", async () => {
    const { code, out, err } = await ran(["validate", "c.yml", "--json"], { "c.yml": wrong });

    const found = JSON.parse(out);
    expect([code, err, Object.keys(found), found.valid]).toEqual([1, "", ["valid", "failures", "warnings"], false]);
    expect(found.failures[0]).toEqual({ path: "network.plugin", reason: expect.any(String), line: 2, column: 11 });
  });

  it("validate() says in JSON that all is well", async () => {
    const { out } = await ran(["validate", "c.yml", "--json"], { "c.yml": oneNode });

    expect(JSON.parse(out)).toEqual({ valid: true, failures: [], warnings: [] });
  });

  it.each([
    ["nothing at all", "", "nodes: No node is given"],
    ["a comment", "# nothing\n", "nodes: No node is given"],
    ["bytes", new Uint8Array([0, 1, 2, 255]), "not allowed in YAML"],
    ["UTF-16", Buffer.from(`\uFEFF${oneNode}`, "utf16le"), "not allowed in YAML"],
    ["too much", Buffer.alloc(4_000_000, "a"), "at most 3000000 are read"],
    ["a text", "just a text", "c.yml:1:1: error: "],
    ["a list", "- a\n- b\n", "c.yml:1:1: error: "],
  ])("validate() refuses a file that holds %s, and says so", async (_, content, reason) => {
    const { code, out, err } = await ran(["validate", "c.yml"], { "c.yml": content });

    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(reason);
  });

  it("validate() reads a file with a byte order mark and Windows line ends", async () => {
    const { code } = await ran(["validate", "c.yml"], { "c.yml": `\uFEFF${oneNode.replaceAll("\n", "\r\n")}` });

    expect(code).toBe(0);
  });
});
