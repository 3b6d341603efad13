import { describe, expect, it } from "vitest";

import { aNode, findings } from "../../../support/findings.ts";

interface Given {
  readonly service?: string;
  readonly controller?: string;
  readonly pods?: string;
  readonly dns?: string;
}

/** Both service ranges are the same unless they are given apart. */
const ranges = ({ service, controller = service, pods, dns }: Given, more: object = {}) =>
  findings({
    network: { plugin: "calico" },
    services: {
      kubeApi: { serviceClusterIpRange: service },
      kubeController: { serviceClusterIpRange: controller, clusterCidr: pods },
      kubelet: { clusterDnsServer: dns },
    },
    ...more,
  });

describe("rangeRules()", () => {
  it.each([
    [{}],
    [{ service: "10.96.0.0/12", dns: "10.96.0.10" }],
    [{ service: "172.20.0.0/20", pods: "172.16.0.0/14", dns: "172.20.0.53" }],
    [{ service: "10.43.0.0/16,fd98::/108", pods: "10.42.0.0/16,fd42::/56" }],
    [{ service: "fd98::/108,10.43.0.0/16" }],
    [{ service: "10.43.0.1/16" }],
  ])("accepts %j", (given) => {
    const isOnlyOverlap = (line: string) => line.includes("overlaps");
    const { failures, warnings } = ranges(given);

    expect([failures, warnings.filter((line) => !isOnlyOverlap(line))]).toEqual([[], []]);
  });

  it.each([
    [
      { service: "10.43.0.0", controller: "10.43.0.0/16" },
      'kubeApi.serviceClusterIpRange: "10.43.0.0" is not a range of addresses: the prefix is missing: write 10.43.0.0/16',
    ],
    [
      { service: "10.43.0.0/33", controller: "10.43.0.0/16" },
      '"10.43.0.0/33" is not a range of addresses: write a range such as 10.43.0.0/16',
    ],
    [{ pods: "ten" }, 'kubeController.clusterCidr: "ten" is not a range of addresses'],
    [{ pods: "10.42.0.0/16,10.44.0.0/16" }, "at most one IPv4 and one IPv6 range are possible"],
    [
      { service: "10.0.0.0/11", dns: "10.0.0.10", pods: "172.16.0.0/16" },
      "The service range 10.0.0.0/11 is too large: at most a /12 is possible",
    ],
    [{ service: "10.43.0.0/16,fd98::/64" }, "The service range fd98::/64 is too large: at most a /108 is possible"],
    [{ service: "10.43.0.8/31", dns: "10.43.0.9" }, "The service range 10.43.0.8/31 is too small"],
    [{ pods: "10.42.0.0/25" }, "The pod range 10.42.0.0/25 is too small: every node gets a /24 of it"],
    [
      { pods: "10.43.128.0/17" },
      "The pod range 10.43.128.0/17 overlaps the service range 10.43.0.0/16 and has no address of its own",
    ],
    [{ dns: "10.43.0.300" }, '"10.43.0.300" is not an address'],
    [
      { dns: "10.44.0.10" },
      "The DNS address 10.44.0.10 is not in the service range 10.43.0.0/16: choose one in it, 10.43.0.10 for one",
    ],
    [
      { service: "10.50.0.0/16" },
      "The DNS address 10.43.0.10 (the default) is not in the service range 10.50.0.0/16: choose one in it, 10.50.0.10 for one",
    ],
    [{ dns: "10.43.0.1" }, "The DNS address 10.43.0.1 is the first of the service range, which the API server takes"],
  ])("refuses %j", (given, reason) => {
    expect(ranges(given).failures).toEqual([expect.stringContaining(reason)]);
  });

  it("warns of service ranges that differ", () => {
    expect(ranges({ service: "10.43.0.0/16", controller: "10.44.0.0/16" }).warnings).toEqual([
      'services.kubeController.serviceClusterIpRange: services.kubeApi has the service range "10.43.0.0/16", and this is "10.44.0.0/16": give both the same',
    ]);
  });

  it("warns of a pod range that has the service range in it, because clusters live with that", () => {
    expect(ranges({ pods: "10.40.0.0/13" })).toEqual({
      failures: [],
      warnings: [
        expect.stringContaining("The pod range 10.40.0.0/13 overlaps the service range 10.43.0.0/16: give pods"),
      ],
    });
  });

  it.each([
    ["10.42.3.4", "the pod range 10.42.0.0/16"],
    ["10.43.3.4", "the service range 10.43.0.0/16"],
  ])("warns of a node at %s", (address, range) => {
    expect(ranges({}, { nodes: [aNode({ address })] }).warnings).toEqual([expect.stringContaining(range)]);
  });

  it("warns of more nodes than the pod range has room for", () => {
    const nodes = [aNode(), aNode({ address: "b", role: ["worker"] }), aNode({ address: "c", role: ["worker"] })];

    expect(ranges({ pods: "10.42.0.0/23" }, { nodes }).warnings).toEqual([
      expect.stringContaining("has room for 2 nodes"),
    ]);
  });

  it("takes the size of a node's range from the controller manager's flags", () => {
    const services = { kubeController: { clusterCidr: "10.42.0.0/25", extraArgs: { "node-cidr-mask-size": "26" } } };

    expect(findings({ services }).failures).toEqual([]);
  });

  it("does not ask for a DNS address in the range when there is no DNS", () => {
    expect(ranges({ dns: "10.44.0.10" }, { dns: { provider: "none" } }).failures).toEqual([]);
  });

  it.each([
    ["169.254.20.10", [], []],
    ["nowhere", [expect.stringContaining('dns.nodelocal.ipAddress: "nowhere" is not an address')], []],
    ["10.43.0.11", [], [expect.stringContaining("The address 10.43.0.11 lies in the service range")]],
  ])("looks at the node-local address %s", (ipAddress, failures, warnings) => {
    expect(findings({ dns: { nodelocal: { ipAddress } } })).toEqual({ failures, warnings });
  });
});
