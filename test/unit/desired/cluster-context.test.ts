import { describe, expect, it } from "vitest";

import { usesExternalEtcd } from "../../../provider/desired/cluster-context.ts";
import { aClusterContext, separatedNodes } from "./world.ts";

describe("clusterContext()", () => {
  it("clusterContext() knows the nodes of a role in the order of the configuration", () => {
    const context = aClusterContext({ nodes: separatedNodes.toReversed() });

    const names = [context.etcdNodes, context.controlPlaneNodes].map((nodes) => nodes.map(({ address }) => address));

    expect(names).toEqual([["10.0.0.1"], ["10.0.0.2"]]);
  });

  it("clusterContext() backs up with the tools of the default version, whatever the version of the cluster", () => {
    const { backupImage, config } = aClusterContext({ kubernetesVersion: "v1.20.15-rancher2-2" });

    expect([config.systemImages.alpine, backupImage]).toEqual([
      "rancher/rke-tools:v0.1.87",
      "rancher/rke-tools:v0.1.114",
    ]);
  });

  it("clusterContext() asks for Windows flags only when there is a Windows node", () => {
    const context = aClusterContext();

    expect(Object.keys(context.windowsOptions().kubeProxy)).toContain("proxy-mode");
  });
});

describe("usesExternalEtcd()", () => {
  it("usesExternalEtcd() takes an empty list of URLs for none", () => {
    expect(usesExternalEtcd(aClusterContext({ services: { etcd: { externalUrls: [] } } }))).toBe(false);
  });
});
