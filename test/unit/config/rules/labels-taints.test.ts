import { describe, expect, it } from "vitest";

import { aNode, findings } from "../../../support/findings.ts";

const ofNode = (changes: object) => findings({ nodes: [aNode(changes)] });

describe("labelAndTaintRules()", () => {
  it.each([
    [{ labels: { "a b": "c" } }, 'labels["a b"]: "a b" cannot be the key of a label: the name must consist of'],
    [{ labels: { "/x": "c" } }, 'cannot be the key of a label: the part before the "/" is not a DNS name'],
    [{ labels: { "a.b/": "c" } }, "the name is empty"],
    [{ labels: { a: "-b" } }, '"-b" cannot be the value of a label'],
    [{ labels: { a: "b".repeat(64) } }, "it is longer than 63 characters"],
    [{ taints: [{ key: "", effect: "NoSchedule" }] }, '"" cannot be the key of a taint: the name is empty'],
    [{ taints: [{ key: "a", value: "b c", effect: "NoSchedule" }] }, '"b c" cannot be the value of a taint'],
    [{ taints: [{ key: "a" }] }, "taints[0].effect: The effect is missing"],
  ])("refuses what the API server would refuse: %j", (changes, reason) => {
    expect(ofNode(changes).failures).toEqual([expect.stringContaining(reason)]);
  });

  it("refuses a label to select by that no node can have", () => {
    expect(findings({ dns: { nodeSelector: { "a b": "c" } } }).failures).toEqual([
      expect.stringContaining('dns.nodeSelector["a b"]'),
    ]);
  });

  it.each([
    [{ labels: { "node-role.kubernetes.io/worker": "false" } }, "follows from the role"],
    [{ taints: [{ key: "node-role.kubernetes.io/etcd", value: "x", effect: "NoExecute" }] }, "is reserved"],
    [
      {
        taints: [
          { key: "a", effect: "NoExecute" },
          { key: "a", value: "b", effect: "NoExecute" },
        ],
      },
      "stands twice: the first is used",
    ],
  ])("warns of what RKE leaves out: %j", (changes, reason) => {
    const { failures, warnings } = ofNode(changes);

    expect([failures, warnings]).toEqual([[], [expect.stringContaining(reason)]]);
  });

  it("accepts one key with different effects, and labels with a prefix", () => {
    const taints = [
      { key: "example.com/a", value: "b", effect: "NoSchedule" },
      { key: "example.com/a", value: "b", effect: "NoExecute" },
    ];

    expect(ofNode({ taints, labels: { "example.com/zone": "", n: "1" } })).toEqual({ failures: [], warnings: [] });
  });
});
