import { describe, expect, it } from "vitest";
import { requiredConnections } from "../../../../provider/preflight/measured.ts";
import { planned } from "../../../support/planned.ts";
import { aContainer, linesFor } from "../a-fleet-seen.ts";

describe("portTaken()", () => {
  const taken = (port: number, program = "") => ({ machines: { "10.0.0.2": { listening: [{ port, program }] } } });

  it.each([
    [2379, "etcd"],
    [2380, "etcd"],
    [6443, "kube-apiserver"],
    [10250, "kubelet"],
    [10248, "kubelet"],
    [10256, "kube-proxy"],
    [10257, "kube-controller-manager"],
    [10259, "kube-scheduler"],
  ])("refuses a port %i on which something else listens than %s", (port, container) => {
    expect(linesFor(taken(port, "haproxy"))).toEqual([
      `error port-taken node-2 (10.0.0.2): port ${port}, where ${container} will listen, is taken by haproxy`,
    ]);
  });

  it("cannot name a program that the user may not see", () => {
    expect(linesFor(taken(6443))).toEqual([expect.stringMatching(/where kube-apiserver will listen, is taken$/)]);
  });

  it.each([
    ["the container itself", 6443, "kube-apiserver"],
    ["the proxy that gives its place to an API server", 6443, "nginx-proxy"],
    ["a scheduler of an older version", 10259, "kube-scheduler"],
    ["a listener that tries ports", 2380, "rke-etcd-port-listener"],
    ["a listener of ours", 10250, "pulumi-rke-listener"],
  ])("is content with %s", (_case, port, name) => {
    const nodes = { "10.0.0.2": { containers: [aContainer(name)] } };

    expect(linesFor({ ...taken(port), nodes }, { former: [{ address: "10.0.0.2" }] })).toEqual([]);
  });

  it("does not take a container that is stopped for the one that listens", () => {
    const nodes = { "10.0.0.2": { containers: [aContainer("kubelet", { state: "exited" })] } };

    expect(linesFor({ ...taken(10250, "k3s"), nodes }, { former: [{ address: "10.0.0.2" }] })).toHaveLength(1);
  });

  it("does not mind a port that nothing here needs", () => {
    expect(linesFor(taken(8080, "apache2"))).toEqual([]);
  });
});

describe("requiredConnections()", () => {
  it("follows the roles of both machines", () => {
    const plan = planned(`nodes:
      - {address: etcd, user: u, role: [etcd]}
      - {address: control, user: u, role: [controlplane]}
      - {address: work, user: u, role: [worker]}`);

    const connections = requiredConnections(plan).map(
      ({ from, to, port }) => `${from.node.address} ${to.node.address} ${port}`,
    );

    expect(connections).toEqual([
      "etcd control 6443",
      "control etcd 2379",
      "control etcd 10250",
      "control work 10250",
      "work control 6443",
    ]);
  });
});

describe("portClosed()", () => {
  const tried = (answer: "open" | "refused" | "no answer", port = 2380) => ({
    ports: [{ from: "10.0.0.1", to: "10.0.0.2", port, answer }],
  });

  it.each([
    ["refused", "refused"],
    ["no answer", "no answer"],
  ] as const)("refuses a connection that is needed and got %s", (answer, said) => {
    expect(linesFor({}, tried(answer))).toEqual([
      `error port-closed node-1 (10.0.0.1): it cannot reach etcd on node-2 (10.0.0.2), port 2380 at 10.0.0.2: ${said}`,
    ]);
  });

  it("is content with one that opened, and with one that nobody needs", () => {
    expect(linesFor({}, { ports: [...tried("open").ports, ...tried("refused", 9999).ports] })).toEqual([]);
  });
});
