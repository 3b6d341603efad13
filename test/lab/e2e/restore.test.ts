import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aLabCluster, type LabCluster } from "../cluster.ts";
import { leftoversOn } from "../leftovers.ts";
import { lab, onNode } from "../machines.ts";
import { labProgram, type Roles, type Wanted } from "../program.ts";

const all: Roles = ["etcd", "controlplane", "worker"];

let cluster: LabCluster;
let leftOn: ReturnType<typeof leftoversOn>;

beforeAll(async () => {
  lab("reset");
  leftOn = leftoversOn([1, 2, 3]);
  cluster = await aLabCluster();
});

afterAll(async () => {
  await cluster?.close();
});

/** A snapshot that the tools of `rke` have taken, and a cluster that goes back to it. */
describe("A cluster on real machines that is restored", { sequential: true }, () => {
  let wanted: Wanted = { kubernetesVersion: "v1.31.4-rancher1-1", nodes: { 1: all, 2: all, 3: all } };

  it("is there, and has a snapshot", async () => {
    await cluster.apply(wanted);
    cluster.kubectl("create", "configmap", "kept", "--from-literal=a=1");

    onNode(1, takeSnapshot);
    cluster.kubectl("delete", "configmap", "kept");
    cluster.kubectl("create", "configmap", "late", "--from-literal=a=1");

    expect(onNode(1, "ls /opt/rke/etcd-snapshots")).toContain("before.zip");
  });

  it("has what there was when the snapshot was taken, and every node is ready", async () => {
    wanted = { ...wanted, restore: { from: "before", confirm: "before", storage: { nodes: true } } };
    cluster.stack.write(labProgram(wanted));
    const preview = await cluster.stack.preview();
    expect(preview.printed).toContain("will be lost");

    await cluster.apply(wanted);

    expect(configMaps()).toContain("configmap/kept");
    expect(configMaps()).not.toContain("configmap/late");
    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3"]);
  });

  it("runs what is asked of it from then on", () => {
    cluster.kubectl("create", "deployment", "web", "--image=lab/web:1", "--replicas=2");

    expect(cluster.kubectl("rollout", "status", "deployment/web", "--timeout=90s")).toContain(
      "successfully rolled out",
    );
  });

  it("removes the old data when the restore is taken out of the program", async () => {
    const { restore: _, ...rest } = wanted;
    expect(onNode(1, "ls -a /var/lib/etcd")).toContain(".pulumi-rke-restore");

    await cluster.apply(rest);

    expect(onNode(1, "ls -a /var/lib/etcd")).not.toContain(".pulumi-rke-restore");
    expect(configMaps()).toContain("configmap/kept");
  });

  it("is destroyed, and its machines are as they were, but for the snapshot, which is not ours", async () => {
    await cluster.destroy();

    expect(leftOn(1, 2, 3)).toEqual(["node1: file /opt/rke/etcd-snapshots/before.zip"]);
  });
});

/** As `rke etcd snapshot-save` does it. */
const takeSnapshot = `docker run --rm --net host -v /opt/rke/etcd-snapshots:/backup -v /etc/kubernetes:/etc/kubernetes:ro \\
  $(docker inspect -f '{{.Config.Image}}' service-sidekick) /opt/rke-tools/rke-etcd-backup etcd-backup save --once=true \\
  --cacert /etc/kubernetes/ssl/kube-ca.pem --cert /etc/kubernetes/ssl/kube-node.pem --key /etc/kubernetes/ssl/kube-node-key.pem \\
  --name before --endpoints=127.0.0.1:2379`;

const configMaps = (): readonly string[] => cluster.kubectl("get", "configmaps", "-o", "name").trim().split("\n");
