import { describe, expect, it } from "vitest";

import { withDefaults } from "../with-defaults.ts";

describe("applyDefaults() for the network", () => {
  it("fills in canal", () => {
    const { network } = withDefaults({ network: { plugin: "" } });

    expect(network).toEqual({
      plugin: "canal",
      enableBrNetfilter: true,
      updateStrategy: { strategy: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      options: {
        canal_flannel_backend_type: "vxlan",
        canal_flannel_backend_port: "8472",
        canal_flannel_backend_vni: "1",
        canal_flex_volume_plugin_dir: "/usr/libexec/kubernetes/kubelet-plugins/volume/exec/nodeagent~uds",
      },
    });
  });

  it.each([
    ["flannel", { flannel_backend_type: "vxlan", flannel_backend_port: "8472", flannel_backend_vni: "1" }],
    ["calico", { calico_cloud_provider: "none" }],
    ["weave", {}],
    ["none", {}],
  ] as const)("knows the options of %s", (plugin, options) => {
    expect(withDefaults({ network: { plugin } }).network.options).toMatchObject(options);
  });

  it("prefers options to the block of a plugin, and the block to the defaults", () => {
    const { network } = withDefaults({
      network: {
        plugin: "canal",
        options: { canal_flannel_backend_port: "1", canal_iface: "" },
        canalNetworkProvider: { iface: "eth1" },
        flannelNetworkProvider: { iface: "eth2" },
      },
    });

    expect(network.options).toMatchObject({
      canal_flannel_backend_port: "1",
      canal_iface: "",
      flannel_iface: "eth2",
    });
  });

  it("fills in Calico's block, and its option from that", () => {
    const { network } = withDefaults({ network: { calicoNetworkProvider: {} } });

    expect(network.calicoNetworkProvider).toEqual({ cloudProvider: "none" });
    expect(network.options.calico_cloud_provider).toBe("none");
  });

  it("fills in ACI's block, and its options from that", () => {
    const { network } = withDefaults({ network: { plugin: "aci", aciNetworkProvider: { systemId: "s" } } });

    expect(network.aciNetworkProvider).toMatchObject({ systemId: "s", apicRefreshTime: "1200", multusDisable: "true" });
    expect(network.aciNetworkProvider).not.toHaveProperty("tenant");
    expect(network.options).toMatchObject({ aci_apic_refresh_time: "1200", aci_tenant: "s", aci_vmm_domain: "" });
  });

  it("keeps br_netfilter off", () => {
    expect(withDefaults({ network: { enableBrNetfilter: false } }).network.enableBrNetfilter).toBe(false);
  });
});
