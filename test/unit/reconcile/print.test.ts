import { describe, expect, it } from "vitest";

import { paceOf, printRunbook } from "../../../provider/reconcile/print.ts";
import { type Runbook, rolling, sideBySide } from "../../../provider/reconcile/runbook.ts";
import { up } from "../../../provider/reconcile/up.ts";
import { cordonNode } from "../../../provider/steps/cordon-node.ts";
import { removeContainer } from "../../../provider/steps/remove-container.ts";
import { uncordonNode } from "../../../provider/steps/uncordon-node.ts";
import { aMachine, aWorld, master, threeAndTwo, type WorldWords, worker } from "../../support/facts.ts";

const nodes = threeAndTwo;
const named = (address: string) => address.replace("10.0.0.", "node-");

const many = (count: number): Runbook => [
  rolling(
    "Change workers",
    Array.from({ length: count }, (_, index) => [
      cordonNode({ name: `node-${index + 1}` }),
      removeContainer({ node: `10.0.0.${index + 1}`, name: "nginx-proxy" }),
      uncordonNode({ name: `node-${index + 1}` }),
    ]),
    12,
  ),
];

describe("printRunbook()", () => {
  it("says when there is nothing to do", () => {
    expect(printRunbook([])).toBe("Nothing to do\n");
  });

  it("tells once what hundreds of machines do alike", () => {
    expect(printRunbook(many(240), { nameOf: named })).toMatchInlineSnapshot(`
      "1 phase, 720 steps, 240 nodes

      Change workers: 240 nodes, 12 at a time
        node-1 … node-240 (240 nodes)
          cordon it
          remove nginx-proxy
          uncordon it
      "
    `);
  });

  it("puts what the API is told about a node below its machine, however that is called", () => {
    expect(printRunbook(many(1), { nameOf: () => "my-first-vm" })).toMatchInlineSnapshot(`
      "1 phase, 3 steps, 1 node

      Change workers: my-first-vm
        cordon it
        remove nginx-proxy
        uncordon it
      "
    `);
  });

  it("keeps apart what differs", () => {
    const runbook = [
      sideBySide("Tidy up", [
        [removeContainer({ node: "10.0.0.1", name: "nginx-proxy" })],
        [removeContainer({ node: "10.0.0.2", name: "kube-proxy" })],
        [removeContainer({ node: "10.0.0.3", name: "nginx-proxy" })],
      ]),
    ];

    expect(printRunbook(runbook, { nameOf: named })).toMatchInlineSnapshot(`
      "1 phase, 3 steps, 3 nodes

      Tidy up: 3 nodes, all at once
        node-1, node-3
          remove nginx-proxy
        node-2
          remove kube-proxy
      "
    `);
  });

  it.each([
    { name: "a cluster that is created", words: { args: { nodes }, before: "none" } },
    { name: "a worker that is added", words: { args: { nodes: [...nodes, aMachine(6, worker)] }, before: { nodes } } },
    { name: "a worker that is removed", words: { args: { nodes: nodes.slice(0, 4) }, before: { nodes } } },
    {
      name: "an API server and etcd member that is removed",
      words: { args: { nodes: nodes.slice(1) }, before: { nodes } },
    },
    {
      name: "an upgrade",
      words: { args: { nodes }, before: { nodes, kubernetesVersion: "v1.30.8-rancher1-1" } },
    },
    {
      name: "an etcd node that is replaced",
      words: { args: { nodes: [...nodes.slice(1), aMachine(6, master)] }, before: { nodes } },
    },
  ] satisfies { name: string; words: WorldWords }[])("prints $name", async ({ name, words }) => {
    const world = await aWorld(words);
    const runbook = up(world);
    const names = new Map(
      [...(world.former ?? []), ...world.desired.nodes.map(({ node }) => node)].map((node) => [
        node.address,
        node.hostnameOverride,
      ]),
    );
    const nameOf = (address: string) => names.get(address) ?? address;

    await expect(printRunbook(runbook, { nameOf })).toMatchFileSnapshot(`printed/${name.replaceAll(" ", "-")}.txt`);
  });
});

describe("paceOf()", () => {
  it.each([
    [1, 5, "one at a time"],
    [2, 5, "2 at a time"],
    [5, 5, "all at once"],
    [64, 5, "all at once"],
  ])("with width %i for %i lanes is %s", (width, lanes, pace) => {
    expect(paceOf(width, lanes)).toBe(pace);
  });
});
