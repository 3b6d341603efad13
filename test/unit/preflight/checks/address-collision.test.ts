import { describe, expect, it } from "vitest";

import { linesFor } from "../a-fleet-seen.ts";

const addresses = (...texts: string[]) => ({ machines: { "10.0.0.1": { addresses: texts } } });

describe("addressCollision()", () => {
  it("refuses a node whose address pods may get", () => {
    const args = { services: { kubeController: { clusterCidr: "10.0.0.0/16" } } };

    expect(linesFor({ args }).slice(0, 1)).toEqual([
      "error address-collision node-1 (10.0.0.1): its address 10.0.0.1 lies in the range of the pods, 10.0.0.0/16",
    ]);
  });

  it.each([
    ["a bridge of Docker among the Services", "10.43.0.1/16", "Services, 10.43.0.0/16"],
    ["an address without its network", "10.42.7.7", "pods, 10.42.0.0/16"],
  ])("refuses %s", (_case, text, range) => {
    const address = text.split("/")[0];

    expect(linesFor(addresses("10.0.0.1/24", text))).toEqual([
      `error address-collision node-1 (10.0.0.1): the machine's address ${address} lies in the range of the ${range}`,
    ]);
  });

  it("warns of a network around the ranges, in which the node itself has another address", () => {
    expect(linesFor(addresses("10.0.0.1/8"))).toEqual([
      "warning address-collision node-1 (10.0.0.1): the network of its address, 10.0.0.1/8, overlaps with the range of the pods, 10.42.0.0/16",
      "warning address-collision node-1 (10.0.0.1): the network of its address, 10.0.0.1/8, overlaps with the range of the Services, 10.43.0.0/16",
    ]);
  });

  it("knows both ranges of a dual-stack cluster", () => {
    const args = {
      services: {
        kubeController: { clusterCidr: "10.42.0.0/16,fd01::/48", serviceClusterIpRange: "10.43.0.0/16,fd02::/112" },
        kubeApi: { serviceClusterIpRange: "10.43.0.0/16,fd02::/112" },
      },
      network: { plugin: "calico" },
    };

    expect(linesFor({ ...addresses("fd01::5/64"), args })).toEqual([
      expect.stringMatching(/address fd01::5 lies in the range of the pods, fd01::\/48$/),
    ]);
  });

  it("does not mind names, and networks elsewhere", () => {
    expect(linesFor(addresses("192.168.1.5/24", "172.17.0.1/16", "fd00::2/64"))).toEqual([]);
  });
});
