import { describe, expect, it } from "vitest";

import { findings } from "../../../support/findings.ts";

describe("networkRules()", () => {
  it.each([
    [
      { network: { plugin: "flannel", mtu: 1400 } },
      'network.mtu: The network plugin "flannel" takes its MTU from the interface',
    ],
    [{ network: { mtu: 100 } }, "network.mtu: 100 is not an MTU"],
    [{ network: { mtu: -1 } }, "network.mtu: -1 is not an MTU"],
    [{ network: { mtu: 65536 } }, "network.mtu: 65536 is not an MTU"],
    [
      { network: { plugin: "weave" }, kubernetesVersion: "v1.30.14-rancher1-1" },
      'network.plugin: "weave" cannot be used with Kubernetes v1.30.14',
    ],
    [
      { network: { plugin: "flannel", options: { flannel_backend_port: "x" } } },
      'network.options.flannel_backend_port: "x" is not a number',
    ],
    [
      { services: { kubeController: { clusterCidr: "10.42.0.0/16,fd42::/56" } } },
      'clusterCidr: The network plugin "canal" cannot do two address families',
    ],
  ])("refuses %j", (changes, reason) => {
    expect(findings(changes).failures).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    [{ network: { plugin: "weave" }, kubernetesVersion: "v1.29.15-rancher1-1" }, '"weave" is deprecated'],
    [{ network: { options: { canal_ifase: "eth1" } } }, 'has no option "canal_ifase": did you mean "canal_iface"?'],
    [{ network: { options: { foo: "bar" } } }, 'has no option "foo": it has no effect'],
    [{ network: { plugin: "none", mtu: 1400 } }, 'mtu has no effect with the network plugin "none"'],
    [
      { network: { plugin: "flannel", canalNetworkProvider: { iface: "eth1" } } },
      'network.canalNetworkProvider: The block has no effect with the network plugin "flannel"',
    ],
  ])("warns of %j", (changes, reason) => {
    const { failures, warnings } = findings(changes);

    expect([failures, warnings]).toEqual([[], [expect.stringContaining(reason)]]);
  });

  it("does not let aci do two address families before it could", () => {
    const { failures } = findings({
      network: { plugin: "aci" },
      kubernetesVersion: "v1.22.17-rancher1-2",
      services: { kubeController: { clusterCidr: "10.42.0.0/16,fd42::/56" } },
    });

    expect(failures).toContainEqual(
      expect.stringContaining('"aci" of Kubernetes v1.22.17-rancher1-2 cannot do two address families'),
    );
  });
});
