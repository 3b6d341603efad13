import { setTimeout as after } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aLabCluster, containersOf, type LabCluster, membersSeenBy } from "../cluster.ts";
import { leftoversOn } from "../leftovers.ts";
import { lab, onNode } from "../machines.ts";
import type { Roles, Wanted } from "../program.ts";

const all: Roles = ["etcd", "controlplane", "worker"];
const machines = [1, 2, 3, 5];

let cluster: LabCluster;
let leftOn: ReturnType<typeof leftoversOn>;

beforeAll(async () => {
  lab("reset");
  leftOn = leftoversOn(machines);
  cluster = await aLabCluster();
});

afterAll(async () => {
  await cluster?.close();
});

/** Each test goes on where the one before has stopped. */
describe("A cluster that is changed and repaired", { sequential: true }, () => {
  let wanted: Wanted = { kubernetesVersion: "v1.31.4-rancher1-1", nodes: { 1: all, 2: all, 3: all } };

  it("is created", async () => {
    await cluster.apply(wanted);

    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3"]);
  });

  it("gives its kubelets an argument", async () => {
    wanted = { ...wanted, services: { kubelet: { extraArgs: { "max-pods": "123" } } } };

    await cluster.apply(wanted);

    expect(podsPerNode()).toBe("123 123 123");
  });

  it("replaces a machine of etcd by another", async () => {
    const { 3: _, ...nodes } = wanted.nodes;
    wanted = { ...wanted, nodes: { ...nodes, 5: all } };

    await cluster.apply(wanted);

    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node5"]);
    expect(membersSeenBy(1)).toEqual(["node1", "node2", "node5"]);
    expect(leftOn(3)).toEqual([]);
  });

  it("goes on after a power cut in the middle of a change", async () => {
    wanted = { ...wanted, services: { kubelet: { extraArgs: { "max-pods": "99" } } } };

    const running = containersOf(1);
    const up = cluster.begin(wanted);
    await until(() => containersOf(1) !== running);
    lab("node", "kill", "2");
    const failed = await up;
    lab("node", "start", "2");
    await cluster.apply(wanted);

    expect(failed.failure).toContain("node2");
    expect(podsPerNode()).toBe("99 99 99");
  });

  it("is destroyed, and its machines are as they were", async () => {
    await cluster.destroy();

    expect(leftOn(...machines)).toEqual([]);
  });

  it("is created again on one of the same machines", async () => {
    await cluster.apply({ kubernetesVersion: "v1.32.2-rancher1-1", nodes: { 1: all } });

    expect(cluster.versions()).toEqual({ node1: "v1.32.2" });
  });

  it("is upgraded by a patch, which leaves etcd alone", async () => {
    const member = etcdOn(1);

    await cluster.apply({ kubernetesVersion: "v1.32.5-rancher1-1", nodes: { 1: all } });

    expect(cluster.versions()).toEqual({ node1: "v1.32.5" });
    expect(etcdOn(1)).toBe(member);
    await cluster.destroy();
  });
});

const podsPerNode = (): string => cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.capacity.pods}");

const etcdOn = (index: number): string => onNode(index, "docker inspect -f '{{.Id}}' etcd");

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await after(250);
}
