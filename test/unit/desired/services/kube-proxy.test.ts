import { describe, expect, it } from "vitest";

import { kubeProxy } from "../../../../provider/desired/services/kube-proxy.ts";
import { aNode } from "../../../support/findings.ts";
import { aNodeContext, envOf, flagsOf, windows } from "../world.ts";

const nodes = [aNode({ internalAddress: "192.168.0.1", hostnameOverride: "node-a" })];

describe("kubeProxy()", () => {
  it("kubeProxy() knows its node by name", () => {
    const flags = flagsOf(kubeProxy(aNodeContext({ nodes })));

    expect([flags["hostname-override"], flags["bind-address"]]).toEqual(["node-a", undefined]);
  });

  it("kubeProxy() is told its address with a cloud provider, which may rename the node", () => {
    const flags = flagsOf(kubeProxy(aNodeContext({ nodes, cloudProvider: { name: "external" } })));

    expect(flags["bind-address"]).toBe("192.168.0.1");
  });

  it.each([
    ["v1.26.15-rancher1-1", "aws"],
    ["v1.32.7-rancher1-1", "external-aws"],
  ])("kubeProxy() of %s lets EC2 name the node for %s", (kubernetesVersion, name) => {
    const cloudProvider = { name, useInstanceMetadataHostname: true };

    const flags = flagsOf(kubeProxy(aNodeContext({ nodes, kubernetesVersion, cloudProvider })));

    expect(flags["hostname-override"]).toBeUndefined();
  });

  it.each([
    [{}, "true"],
    [{ enableBrNetfilter: false }, undefined],
  ])("kubeProxy() loads br_netfilter unless it is told not to (%j)", (network, expected) => {
    expect(envOf(kubeProxy(aNodeContext({ network }))).RKE_KUBE_PROXY_BR_NETFILTER).toBe(expected);
  });

  it("kubeProxy() on Windows finds its kubeconfig below the prefix and takes the flags for Windows", () => {
    const flags = flagsOf(kubeProxy(aNodeContext({ nodes }, { docker: windows })));

    expect([flags.kubeconfig, flags["proxy-mode"]]).toEqual([
      "c:/etc/kubernetes/ssl/kubecfg-kube-proxy.yaml",
      "kernelspace",
    ]);
  });
});
