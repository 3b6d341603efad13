import * as pulumi from "@pulumi/pulumi";

import { clusterYml, RkeCluster, RkeIdentity, RkeNode } from "../../sdk/index.ts";

/** Programs that the compiler must accept, and slips that it must not. Never run: `tsc` is the test. */
export function programs(text: string, address: pulumi.Output<string>, key: pulumi.Output<string>): void {
  const node = new RkeNode("web-1", { host: address, user: "rke", privateKey: key, roles: ["etcd", "controlplane"] });
  const identity = new RkeIdentity("keys", { server: "k8s.example.com" });

  new RkeCluster("prod", { nodes: [node, { name: "web-2", host: address, roles: ["worker"] }], identity });
  new RkeCluster("taken-over", clusterYml(text));
  new RkeCluster("settings", {
    nodes: [{ address: "10.0.0.1", role: ["etcd", "controlplane", "worker"], sshKey: key }],
    kubernetesVersion: pulumi.output("v1.32"),
    services: { kubeApi: { extraArgs: { v: address } }, etcd: { backupConfig: { enabled: true } } },
    privateRegistries: [{ url: "registry.example.com", password: key }],
    timeouts: { create: "2h" },
  });
  const { kubeconfig, clusterIdentifier } = new RkeCluster("one", { nodes: [node] }).kubernetesProviderArgs();
  pulumi.all([kubeconfig, clusterIdentifier]).apply(([config, id]) => `${config.length} ${id.length}`);

  // @ts-expect-error a machine needs roles
  new RkeNode("no-roles", { host: "10.0.0.1" });
  // @ts-expect-error there is no such role
  new RkeNode("wrong-role", { host: "10.0.0.1", roles: ["master"] });
  // @ts-expect-error a cluster needs nodes
  new RkeCluster("no-nodes", {});
  // @ts-expect-error a slip of the pen
  new RkeCluster("slip", { nodes: [node], kubernetesVerson: "v1.32" });
}
