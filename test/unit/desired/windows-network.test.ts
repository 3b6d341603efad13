import { describe, expect, it } from "vitest";

import { networkJson } from "../../../provider/desired/windows-network.ts";
import { aCluster } from "./world.ts";

const textOf = (network: object) => networkJson(aCluster({ network }).config.network);

describe("networkJson()", () => {
  it("networkJson() is RKE's text, key for key", () => {
    const network = { plugin: "flannel", options: { flannel_backend_vni: "4096", flannel_backend_port: "4789" } };

    expect(textOf(network)).toBe(
      '{"plugin":"flannel","options":{"flannel_backend_port":"4789","flannel_backend_type":"vxlan","flannel_backend_vni":"4096"},"updateStrategy":{"strategy":"RollingUpdate","rollingUpdate":{"maxUnavailable":1}},"enableBrNetfilter":true}',
    );
  });

  it.each([
    [{ plugin: "flannel", flannelNetworkProvider: { iface: "eth1" } }, '"flannelNetworkProvider":{"iface":"eth1"}'],
    [{ plugin: "canal", canalNetworkProvider: {} }, '"canalNetworkProvider":{"iface":""}'],
    [{ plugin: "calico", calicoNetworkProvider: {} }, '"calicoNetworkProvider":{"cloudProvider":"none"}'],
    [{ plugin: "canal", mtu: 1400 }, '"mtu":1400'],
    [{ plugin: "canal", nodeSelector: { b: "2", a: "1" } }, '"nodeSelector":{"a":"1","b":"2"}'],
    [{ plugin: "canal", tolerations: [{ operator: "Exists", key: "" }] }, '"tolerations":[{"operator":"Exists"}]'],
  ])("networkJson() of %j has %s", (network, part) => {
    expect(textOf(network)).toContain(part);
  });

  it("networkJson() leaves out what is empty", () => {
    expect(textOf({ plugin: "none" })).not.toMatch(/"(options|mtu|nodeSelector|tolerations)"/);
  });
});
