import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { rkeTool } from "../../bench/lab/rke-tool.ts";
import { aLabCluster, containersOf, type LabCluster } from "../cluster.ts";
import { lab } from "../machines.ts";
import type { Roles, Wanted } from "../program.ts";

const binary = process.env.RKE_BIN ?? "";
const all: Roles = ["etcd", "controlplane", "worker"];
const machines = [1, 2, 3];

/**
 * Needs the peer: set RKE_BIN to a binary of `rke` 1.8.5 or later. Earlier ones have other checksums for the files of an API server
 * from Kubernetes 1.31.6 on: they can be taken over, and replace it when the cluster is given back.
 */
describe.skipIf(binary === "")("A cluster that rke has made", { sequential: true }, () => {
  const nodes = { 1: all, 2: all, 3: all };
  const wanted: Wanted = { kubernetesVersion: "v1.31.4-rancher1-1", nodes };
  const upgraded: Wanted = { ...wanted, kubernetesVersion: "v1.32.2-rancher1-1" };
  const rke = rkeTool(binary);
  let cluster: LabCluster;
  let rkeState = "";

  beforeAll(async () => {
    lab("reset");
    await rke.apply(wanted);
    rkeState = rke.rkeState();
    cluster = await aLabCluster();
  });

  afterAll(async () => {
    await cluster?.close();
    await rke.close();
  });

  it("is taken over, and no container is replaced", async () => {
    const running = machines.map(lasting);

    await cluster.apply({ ...wanted, adopt: { rkeState } });

    expect(machines.map(lasting)).toEqual(running);
    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3"]);
  });

  it("is upgraded", async () => {
    const { outputs } = await cluster.apply({ ...upgraded, adopt: { rkeState } });

    expect(cluster.versions()).toEqual({ node1: "v1.32.2", node2: "v1.32.2", node3: "v1.32.2" });
    rke.believe(String(outputs.rkeState));
  });

  it("is given back to rke, which replaces nothing of ours", async () => {
    const running = machines.map(lasting);

    await rke.apply(upgraded);

    expect(machines.map(lasting)).toEqual(running);
  });

  it("comes back, and nothing is replaced again", async () => {
    const running = machines.map(lasting);

    await cluster.stack.refresh();
    await cluster.apply({ ...upgraded, adopt: { rkeState } });

    expect(machines.map(lasting)).toEqual(running);
    await cluster.destroy();
  });
});

/** All but the container that takes snapshots: `rke` makes it anew in every run, and its image is that of the tool's version. */
const lasting = (index: number): string => containersOf(index).replace(/^etcd-rolling-snapshots .*\n/m, "");
