import { describe, expect, it } from "vitest";

import { anAddon, objectOf, podOf } from "./an-addon.ts";

describe("coredns()", () => {
  it("answers at the address that kubelets give to pods, for the domain of the cluster", () => {
    const addon = anAddon("coredns", {
      services: { kubelet: { clusterDomain: "corp.internal", clusterDnsServer: "10.43.0.53" } },
    });

    expect(objectOf(addon, "Service", "kube-dns").spec.clusterIP).toBe("10.43.0.53");
    expect(objectOf(addon, "ConfigMap", "coredns").data.Corefile).toContain("kubernetes corp.internal in-addr.arpa");
  });

  it("asks the name servers that are given for other names", () => {
    const addon = anAddon("coredns", { dns: { upstreamnameservers: ["1.1.1.1", "8.8.8.8"] } });

    expect(objectOf(addon, "ConfigMap", "coredns").data.Corefile).toContain("    forward . 1.1.1.1 8.8.8.8\n");
  });

  it("writes several reverse zones so that CoreDNS can read them", () => {
    const addon = anAddon("coredns", { dns: { reversecidrs: ["172.31.0.0/24", "10.9.0.0/16"] } });

    expect(objectOf(addon, "ConfigMap", "coredns").data.Corefile).toContain(
      "kubernetes cluster.local 172.31.0.0/24 10.9.0.0/16 {",
    );
  });

  it("leaves the number of pods to the autoscaler", () => {
    const addon = anAddon("coredns", { kubernetesVersion: "v1.28.8-rancher1-1" });

    expect(objectOf(addon, "Deployment", "coredns").spec).not.toHaveProperty("replicas");
  });

  it("tells the autoscaler what it goes by, without what is zero or false", () => {
    const addon = anAddon("coredns", {
      dns: { linearAutoscalerParams: { coresPerReplica: 0.5, nodesPerReplica: 2, preventSinglePointFailure: false } },
    });

    const [container] = podOf(addon, "Deployment", "coredns-autoscaler").containers;
    expect(container.command).toContain('--default-params={"linear":{"coresPerReplica":0.5,"nodesPerReplica":2}}');
  });

  it("names no account where there is no RBAC, and makes none", () => {
    const addon = anAddon("coredns", {
      authorization: { mode: "none" },
      services: { kubeApi: { extraArgs: { "admission-control-config-file": "/a.yaml" } } },
    });

    expect(addon.objects.map(({ kind }) => kind)).toEqual(["ConfigMap", "Deployment", "Service", "Deployment"]);
    expect(podOf(addon, "Deployment", "coredns")).not.toHaveProperty("serviceAccountName");
  });
});

describe("kubeDns()", () => {
  it("hands stub domains on", () => {
    const addon = anAddon("kube-dns", { dns: { provider: "kube-dns", stubdomains: { "acme.local": ["1.2.3.4"] } } });

    expect(JSON.parse(objectOf(addon, "ConfigMap", "kube-dns").data.stubDomains)).toEqual({
      "acme.local": ["1.2.3.4"],
    });
  });

  it("sends reverse lookups into the cluster", () => {
    const addon = anAddon("kube-dns", { dns: { provider: "kube-dns" } });

    const dnsmasq = podOf(addon, "Deployment", "kube-dns").containers[1];
    expect(dnsmasq.args).toContain("--server=/in-addr.arpa/127.0.0.1#10053");
  });
});

describe("nodelocal()", () => {
  it("listens at its own address and at that of the cluster's DNS", () => {
    const addon = anAddon("nodelocal", {
      dns: { nodelocal: { ipAddress: "169.254.20.10", nodeSelector: { a: "b" } } },
    });

    const pod = podOf(addon, "DaemonSet", "node-local-dns");
    expect(pod.containers[0].args).toContain("169.254.20.10,10.43.0.10");
    expect(pod.nodeSelector).toEqual({ a: "b" });
    expect(objectOf(addon, "ConfigMap", "node-local-dns").data.Corefile).toContain("bind 169.254.20.10 10.43.0.10");
  });
});
