import { describe, expect, it } from "vitest";

import { aNode, findings } from "../../../support/findings.ts";

describe("planeRules()", () => {
  const nodes = (...roles: string[][]) =>
    findings({ nodes: roles.map((role, index) => aNode({ address: `n${index}`, role })) });
  const etcd = (count: number) => nodes(...Array.from({ length: count }, () => ["etcd"]), ["controlplane", "worker"]);

  it.each([
    [[["controlplane", "worker"]], 'nodes: No node has the role "etcd", and no external etcd is given'],
    [[["etcd", "worker"]], 'nodes: No node has the role "controlplane"'],
  ])("refuses a cluster without a plane", (roles, failure) => {
    expect(nodes(...roles).failures).toEqual([failure]);
  });

  it.each([[[]], [undefined]])("refuses a cluster without nodes and says nothing else: %j", (given) => {
    expect(findings({ nodes: given }).failures).toEqual([expect.stringContaining("nodes: No node is given")]);
  });

  it("warns of a cluster without workers", () => {
    expect(nodes(["etcd", "controlplane"]).warnings).toEqual([
      expect.stringContaining('No node has the role "worker"'),
    ]);
  });

  it.each([
    [2, "2 etcd members need 2 for a quorum, so only 0 may fail, as with 1: use an odd number"],
    [4, "4 etcd members need 3 for a quorum, so only 1 may fail, as with 3: use an odd number"],
    [9, "9 etcd members make writing slow: more than 7 do not help"],
  ])("warns of %d etcd members", (count, reason) => {
    expect(etcd(count).warnings).toEqual([`nodes: ${reason}`]);
  });

  it.each([1, 3, 5, 7])("is content with %d etcd members", (count) => {
    expect(etcd(count)).toEqual({ failures: [], warnings: [] });
  });
});
