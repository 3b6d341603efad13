import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aLabCluster, containersOf, type LabCluster, membersSeenBy } from "../cluster.ts";
import { leftoversOn } from "../leftovers.ts";
import { lab } from "../machines.ts";
import type { Roles } from "../program.ts";

const kubernetesVersion = "v1.31.4-rancher1-1";
const etcd: Roles = ["etcd"];
const controlplane: Roles = ["controlplane"];
const worker: Roles = ["worker"];

let cluster: LabCluster;
let leftOn: ReturnType<typeof leftoversOn>;

beforeAll(async () => {
  lab("reset");
  leftOn = leftoversOn([1, 2, 3, 4, 5]);
  cluster = await aLabCluster();
});

afterAll(async () => {
  await cluster?.close();
});

describe("A cluster whose planes are apart", { sequential: true }, () => {
  const nodes = { 1: etcd, 2: controlplane, 3: worker };

  it("is created", async () => {
    await cluster.apply({ kubernetesVersion, nodes });

    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3"]);
    expect(containersOf(1)).not.toContain("kube-apiserver");
    expect(containersOf(3)).toContain("nginx-proxy");
  });

  it("gets two workers at once, which touches no other node", async () => {
    const running = [1, 2, 3].map(containersOf);

    await cluster.apply({ kubernetesVersion, nodes: { ...nodes, 4: worker, 5: worker } });

    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3", "node4", "node5"]);
    expect([1, 2, 3].map(containersOf)).toEqual(running);
  });

  it("loses a worker, whose machine is as it was", async () => {
    await cluster.apply({ kubernetesVersion, nodes: { ...nodes, 4: worker } });

    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3", "node4"]);
    expect(leftOn(5)).toEqual([]);
  });

  it("gets two more nodes with etcd and an API server in the place of a worker", async () => {
    const both: Roles = ["etcd", "controlplane"];

    await cluster.apply({ kubernetesVersion, nodes: { ...nodes, 4: both, 5: both } });

    expect(membersSeenBy(1)).toEqual(["node1", "node4", "node5"]);
    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3", "node4", "node5"]);
  });

  it("loses one of these again", async () => {
    await cluster.apply({ kubernetesVersion, nodes: { ...nodes, 4: ["etcd", "controlplane"] } });

    expect(membersSeenBy(1)).toEqual(["node1", "node4"]);
    expect(leftOn(5)).toEqual([]);
  });

  it("is destroyed, and its machines are as they were", async () => {
    await cluster.destroy();

    expect(leftOn(1, 2, 3, 4, 5)).toEqual([]);
  });
});
