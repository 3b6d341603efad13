import { describe, expect, it } from "vitest";

import { contentDigest } from "../../../../provider/desired/content-digest.ts";
import { removeFilesOfLostRoles } from "../../../../provider/reconcile/phases/lost-roles.ts";
import type { World } from "../../../../provider/reconcile/runbook.ts";
import { up } from "../../../../provider/reconcile/up.ts";
import { aWorld, everything, master, nodesOf, titlesOf, worker } from "../../../support/facts.ts";
import type { ModelCluster } from "../../../support/model.ts";

const before = { nodes: nodesOf(master, master, master, worker) };

const removed = (world: World): readonly string[] =>
  removeFilesOfLostRoles(world)
    .lanes.flat()
    .flatMap(({ params }) => (params as { paths: readonly string[] }).paths)
    .map((path) => path.slice("/etc/kubernetes/".length));

describe("removeFilesOfLostRoles()", () => {
  it("removes the keys of the control plane from a node that becomes a worker, and leaves those of all nodes", async () => {
    const after = { nodes: nodesOf(master, master, worker, worker) };

    expect(removed(await aWorld({ args: after, before }))).toMatchInlineSnapshot(`
      [
        "admission.yaml",
        "audit-policy.yaml",
        "ssl/kube-apiserver-key.pem",
        "ssl/kube-apiserver-proxy-client-key.pem",
        "ssl/kube-apiserver-proxy-client.pem",
        "ssl/kube-apiserver-requestheader-ca-key.pem",
        "ssl/kube-apiserver-requestheader-ca.pem",
        "ssl/kube-apiserver.pem",
        "ssl/kube-ca-key.pem",
        "ssl/kube-controller-manager-key.pem",
        "ssl/kube-controller-manager.pem",
        "ssl/kube-etcd-10-0-0-3-key.pem",
        "ssl/kube-etcd-10-0-0-3.pem",
        "ssl/kube-scheduler-key.pem",
        "ssl/kube-scheduler.pem",
        "ssl/kube-service-account-token-key.pem",
        "ssl/kube-service-account-token.pem",
        "ssl/kubecfg-kube-apiserver-proxy-client.yaml",
        "ssl/kubecfg-kube-apiserver-requestheader-ca.yaml",
        "ssl/kubecfg-kube-controller-manager.yaml",
        "ssl/kubecfg-kube-scheduler.yaml",
      ]
    `);
  });

  it("removes nothing of the role that stays", async () => {
    const losesApi = await aWorld({ args: { nodes: nodesOf(master, master, ["etcd"], worker) }, before });
    const losesEtcd = await aWorld({ args: { nodes: nodesOf(master, master, ["controlplane"], worker) }, before });

    expect(removed(losesApi).filter((path) => path.startsWith("ssl/kube-etcd-"))).toEqual([]);
    expect(removed(losesEtcd)).toEqual(["ssl/kube-etcd-10-0-0-3-key.pem", "ssl/kube-etcd-10-0-0-3.pem"]);
  });

  it("removes the key with which Secrets are encrypted", async () => {
    const path = "/etc/kubernetes/ssl/encryption.yaml";
    const since = (cluster: ModelCluster) =>
      cluster.machine("10.0.0.4").files.set(path, { sha256: contentDigest("key"), mode: 0o600 });

    expect(removed(await aWorld({ args: before, since: (cluster) => void since(cluster) }))).toEqual([
      "ssl/encryption.yaml",
    ]);
  });

  it("has nothing to remove from a cluster that rke made, and spread its keys as rke does", async () => {
    const since = (cluster: ModelCluster) => {
      const file = { sha256: contentDigest("theirs"), mode: 0o600 };
      cluster.machine("10.0.0.1").files.set("/etc/kubernetes/ssl/kube-etcd-10-0-0-2-key.pem", file);
      cluster.machine("10.0.0.4").files.set("/etc/kubernetes/ssl/kube-kubelet-10-0-0-1-key.pem", file);
      cluster.machine("10.0.0.4").files.set("/etc/kubernetes/snapshot.rkestate", file);
    };

    expect(removed(await aWorld({ args: before, isAdopted: true, since }))).toEqual([]);
  });

  it("comes when the role's containers are gone, and its member has left etcd", async () => {
    const after = { nodes: nodesOf(everything, master, worker, worker) };
    const titles = titlesOf(up(await aWorld({ args: after, before })));
    const order = [
      "Change former control planes to workers",
      "Take members out of etcd",
      "Remove files of roles that are lost",
    ];

    expect(titles.filter((title) => order.includes(title))).toEqual(order);
  });

  it("leaves a member its keys that cannot leave: no other answers", async () => {
    const after = { nodes: nodesOf(master, master, ["controlplane"], worker) };
    const world = await aWorld({ args: after, before });
    const { etcd: _, ...facts } = world.facts;

    expect(removed({ ...world, facts })).toEqual([]);
  });
});
