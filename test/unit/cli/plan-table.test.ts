import { describe, expect, it } from "vitest";

import { planTable } from "../../../provider/cli/plan-table.ts";
import { planned } from "../../support/planned.ts";
import { manyNodes, oneNode, threeNodes } from "./world.ts";

describe("planTable()", () => {
  it("planTable() shows a cluster of one node", () => {
    expect(planTable(planned(oneNode))).toMatchInlineSnapshot(`
      "Kubernetes v1.32.6-rancher1-1 on 1 node (1 control plane, 1 etcd, 1 worker)
      network canal 10.42.0.0/16, services 10.43.0.0/16, DNS coredns 10.43.0.10, ingress nginx, metrics metrics-server

      NODE    ADDRESS   ROLES                     CONTAINERS
      node-1  10.0.0.1  controlplane etcd worker  service-sidekick etcd etcd-rolling-snapshots kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy

      IMAGE                                 USED BY
      rancher/hyperkube:v1.32.6-rancher1    kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy
      rancher/mirrored-coreos-etcd:v3.5.16  etcd
      rancher/rke-tools:v0.1.114            service-sidekick etcd-rolling-snapshots
      "
    `);
  });

  it("planTable() shows a cluster of three nodes", () => {
    expect(planTable(planned(threeNodes))).toMatchInlineSnapshot(`
      "Kubernetes v1.32.6-rancher1-1 on 3 nodes (1 control plane, 1 etcd, 2 worker)
      network canal 10.42.0.0/16, services 10.43.0.0/16, DNS coredns 10.43.0.10, ingress nginx, metrics metrics-server

      NODE      ADDRESS   ROLES              CONTAINERS
      cp-1      10.0.0.1  controlplane etcd  service-sidekick etcd etcd-rolling-snapshots kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy
      worker-1  1.1.1.2   worker             service-sidekick nginx-proxy kubelet kube-proxy
      worker-2  10.0.0.3  worker             service-sidekick nginx-proxy kubelet kube-proxy

      IMAGE                                 USED BY
      rancher/hyperkube:v1.32.6-rancher1    kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy
      rancher/mirrored-coreos-etcd:v3.5.16  etcd
      rancher/rke-tools:v0.1.114            service-sidekick etcd-rolling-snapshots nginx-proxy
      "
    `);
  });

  it("planTable() puts nodes that are alike into one row when there are forty", () => {
    expect(planTable(planned(manyNodes(37)))).toMatchInlineSnapshot(`
      "Kubernetes v1.32.6-rancher1-1 on 40 nodes (3 control plane, 3 etcd, 37 worker)
      network canal 10.42.0.0/16, services 10.43.0.0/16, DNS coredns 10.43.0.10, ingress nginx, metrics metrics-server

      NODE                       ADDRESS                    ROLES              CONTAINERS
      cp-1 … cp-3 (3)            10.0.0.1 … 10.0.0.3 (3)    controlplane etcd  service-sidekick etcd etcd-rolling-snapshots kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy
      worker-1 … worker-37 (37)  10.0.1.1 … 10.0.1.37 (37)  worker             service-sidekick nginx-proxy kubelet kube-proxy

      IMAGE                                 USED BY
      rancher/hyperkube:v1.32.6-rancher1    kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy
      rancher/mirrored-coreos-etcd:v3.5.16  etcd
      rancher/rke-tools:v0.1.114            service-sidekick etcd-rolling-snapshots nginx-proxy
      "
    `);
  });

  it("planTable() has a row for each of twelve nodes", () => {
    const rows = planTable(planned(manyNodes(9)))
      .split("\n")
      .filter((line) => /^(cp|worker)-/.test(line));

    expect(rows).toHaveLength(12);
  });
});
