import { describe, expect, it } from "vitest";

import { anAddon, objectOf, podOf } from "./an-addon.ts";

describe("canal()", () => {
  it("takes the interface and the backend of flannel", () => {
    const addon = anAddon("canal", {
      network: {
        plugin: "canal",
        canalNetworkProvider: { iface: "eth1" },
        options: { canal_flannel_backend_type: "host-gw" },
      },
    });

    const { data } = objectOf(addon, "ConfigMap", "canal-config");
    expect(data.canal_iface).toBe("eth1");
    expect(JSON.parse(data["net-conf.json"]).Backend).toEqual({ Type: "host-gw" });
  });

  it("takes the MTU of the pods", () => {
    const addon = anAddon("canal", { network: { mtu: 1300 } });

    expect(objectOf(addon, "ConfigMap", "canal-config").data.veth_mtu).toBe("1300");
  });

  it("leaves the MTU of the CNI configuration to the installer, as a number", () => {
    const { data } = objectOf(anAddon("canal"), "ConfigMap", "canal-config");

    expect(data.cni_network_config).toContain('"mtu": __CNI_MTU__,');
  });

  it("replaces its pods as the update strategy says", () => {
    const addon = anAddon("canal", {
      network: { updateStrategy: { strategy: "OnDelete" }, nodeSelector: { zone: "a" } },
    });

    const { updateStrategy, template } = objectOf(addon, "DaemonSet", "canal").spec;
    expect(updateStrategy).toEqual({ type: "OnDelete" });
    expect(template.spec.nodeSelector).toEqual({ "kubernetes.io/os": "linux", zone: "a" });
  });

  it.each(["v1.28.15-rancher1-1", "v1.31.4-rancher1-1", "v1.32.6-rancher1-1"])(
    "defines the resources that its agent reads: %s",
    (kubernetesVersion) => {
      const { objects } = anAddon("canal", { kubernetesVersion });
      const defined = objects
        .filter(({ kind }) => kind === "CustomResourceDefinition")
        .map(({ metadata }) => metadata.name);
      const agent = objectOf(anAddon("canal", { kubernetesVersion }), "ClusterRole", "calico");
      // Names of long ago, which nothing defines any more.
      const gone = ["globalfelixconfigs", "globalbgpconfigs"];
      const read = agent.rules
        .filter(({ apiGroups }: { apiGroups: string[] }) => apiGroups.includes("crd.projectcalico.org"))
        .flatMap(({ resources }: { resources: string[] }) => resources)
        .filter((resource: string) => !gone.includes(resource));

      expect(defined).toEqual(
        expect.arrayContaining(read.map((resource: string) => `${resource}.crd.projectcalico.org`)),
      );
    },
  );
});

describe("calico()", () => {
  it("hands out addresses of both families when there are two", () => {
    const addon = anAddon("calico", {
      network: { plugin: "calico" },
      services: {
        kubeApi: { serviceClusterIpRange: "10.43.0.0/16,fd98::/108" },
        kubeController: { clusterCidr: "10.42.0.0/16,fd42::/56", serviceClusterIpRange: "10.43.0.0/16,fd98::/108" },
      },
    });

    const [agent] = podOf(addon, "DaemonSet", "calico-node").containers;
    expect(agent.env).toContainEqual({ name: "CALICO_IPV6POOL_CIDR", value: "fd42::/56" });
    expect(agent.env).toContainEqual({ name: "CALICO_IPV4POOL_CIDR", value: "10.42.0.0/16" });
  });

  it("takes priority classes of its own", () => {
    const options = {
      calico_node_priority_class_name: "mine",
      calico_kube_controllers_priority_class_name: "also-mine",
    };
    const addon = anAddon("calico", { network: { plugin: "calico", options } });

    expect(podOf(addon, "DaemonSet", "calico-node").priorityClassName).toBe("mine");
    expect(podOf(addon, "Deployment", "calico-kube-controllers").priorityClassName).toBe("also-mine");
  });
});

describe("flannel()", () => {
  it("takes the interface, and the port and number of the overlay", () => {
    const options = { flannel_backend_port: "4789", flannel_backend_vni: "4096" };
    const addon = anAddon("flannel", {
      network: { plugin: "flannel", flannelNetworkProvider: { iface: "eth2" }, options },
    });

    const [, daemon] = podOf(addon, "DaemonSet", "kube-flannel").containers;
    expect(daemon.args).toEqual(["--ip-masq", "--kube-subnet-mgr", "--iface=eth2"]);
    const { data } = objectOf(addon, "ConfigMap", "kube-flannel-cfg");
    expect(JSON.parse(data["net-conf.json"]).Backend).toEqual({ Type: "vxlan", VNI: 4096, Port: 4789 });
  });

  it("says nothing of nftables to versions that do not know the word", () => {
    const addon = anAddon("flannel", { kubernetesVersion: "v1.28.15-rancher1-1", network: { plugin: "flannel" } });

    const { data } = objectOf(addon, "ConfigMap", "kube-flannel-cfg");
    expect(JSON.parse(data["net-conf.json"])).not.toHaveProperty("EnableNFTables");
  });
});

describe("weave()", () => {
  it("encrypts with the password only where there is one", () => {
    const kubernetesVersion = "v1.29.15-rancher1-1";
    const names = (network: object) =>
      podOf(anAddon("weave", { kubernetesVersion, network }), "DaemonSet", "weave-net").containers[0].env.map(
        ({ name }: { name: string }) => name,
      );

    expect(names({ plugin: "weave" })).not.toContain("WEAVE_PASSWORD");
    expect(names({ plugin: "weave", weaveNetworkProvider: { password: "s3cret" } })).toContain("WEAVE_PASSWORD");
  });
});
