import { describe, expect, it } from "vitest";

import { certificatesTable } from "../../../provider/cli/certificates-table.ts";
import { pkiSubject } from "../../../provider/desired/pki-subject.ts";
import { describeBundle } from "../../../provider/pki/describe.ts";
import { planned } from "../../support/planned.ts";
import { aBundle } from "../pki/world.ts";
import { manyNodes, oneNode, threeNodes } from "./world.ts";

async function textOf(clusterYml: string): Promise<string> {
  const plan = planned(clusterYml);
  return certificatesTable(describeBundle(await aBundle(pkiSubject(plan.config))), plan.nodes);
}

async function rowsOf(clusterYml: string): Promise<Readonly<Record<string, string>>> {
  const text = await textOf(clusterYml);
  return Object.fromEntries(text.split("\n").map((line) => [line.split(" ", 1)[0], line]));
}

describe("certificatesTable()", () => {
  it("certificatesTable() shows certificates by name, with what they are for and where they go", async () => {
    expect(await textOf(threeNodes)).toMatchInlineSnapshot(`
      "CERTIFICATE                      SUBJECT                             SIGNED BY                        USE            ON          NAMES
      kube-ca                          CN=kube-ca                          itself                           CA             every node
      kube-apiserver-requestheader-ca  CN=kube-apiserver-requestheader-ca  itself                           CA             cp-1
      kube-apiserver                   CN=kube-apiserver                   kube-ca                          client server  cp-1        10.0.0.1 127.0.0.1 10.43.0.1 cp-1 localhost kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.cluster.local
      kube-controller-manager          CN=system:kube-controller-manager   kube-ca                          client         cp-1
      kube-scheduler                   CN=system:kube-scheduler            kube-ca                          client         cp-1
      kube-proxy                       CN=system:kube-proxy                kube-ca                          client         every node
      kube-node                        CN=system:node, O=system:nodes      kube-ca                          client         every node
      kube-admin                       CN=kube-admin, O=system:masters     kube-ca                          client         no node
      kube-apiserver-proxy-client      CN=kube-apiserver-proxy-client      kube-apiserver-requestheader-ca  client server  cp-1
      kube-service-account-token       CN=kube-service-account-token       kube-ca                          client         cp-1
      kube-etcd-10-0-0-1               CN=kube-etcd                        kube-ca                          client server  cp-1        10.0.0.1 127.0.0.1 10.43.0.1 cp-1 localhost kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.cluster.local
      "
    `);
  });

  it("certificatesTable() counts places and names where there are too many to list", async () => {
    const rows = await rowsOf(manyNodes(6).replace("controlplane]", "controlplane, worker]"));

    expect(rows["kube-ca"]).toMatch(/ every node$/);
    expect(rows["kube-scheduler"]).toMatch(/ cp-1 cp-2 cp-3$/);
    expect(rows["kube-admin"]).toMatch(/ no node$/);
    expect(rows["kube-apiserver"]).toMatch(/ cp-1 cp-2 cp-3 .* and \d+ more$/);
  });

  it("certificatesTable() says how many nodes have what more than three but not all have", async () => {
    const four = manyNodes(2)
      .replaceAll("role: [worker]", "role: [etcd, controlplane]")
      .replace("nodes:", "nodes:\n- {address: 10.9.9.9, hostname_override: w, user: u, role: [worker]}");

    expect((await rowsOf(four))["kube-scheduler"]).toMatch(/ 5 nodes$/);
  });

  it("certificatesTable() names the node of a cluster that has one", async () => {
    expect((await rowsOf(oneNode))["kube-ca"]).toMatch(/ node-1$/);
  });
});
