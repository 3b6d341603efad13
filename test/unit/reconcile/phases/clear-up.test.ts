import { describe, expect, it } from "vitest";

import { clearUp } from "../../../../provider/reconcile/phases/clear-up.ts";
import { aWorld, lanesOf, threeAndTwo } from "../../../support/facts.ts";
import type { ModelCluster } from "../../../support/model.ts";

const nodes = threeAndTwo;

/** A replacement that was cut short, with the one that stood aside for it. */
const setAside = (cluster: ModelCluster, name: string) =>
  cluster.machine("10.0.0.4").containers.set(`old-${name}`, cluster.container("10.0.0.4", name));

const found = (since: (cluster: ModelCluster) => void) => aWorld({ args: { nodes }, since });

describe("clearUp()", () => {
  it("has nothing to do on machines that nobody has left in a hurry", async () => {
    expect(lanesOf(clearUp(await found(() => undefined)))).toEqual([]);
  });

  it("removes what stood aside for a replacement that runs by now", async () => {
    const world = await found((cluster) => setAside(cluster, "kubelet"));

    expect(lanesOf(clearUp(world))).toEqual([["remove old-kubelet"]]);
  });

  it("keeps it while the replacement does not run: the step that starts it may need it", async () => {
    const world = await found((cluster) => {
      setAside(cluster, "kubelet");
      cluster
        .machine("10.0.0.4")
        .containers.set("kubelet", { ...cluster.container("10.0.0.4", "kubelet"), state: "created" });
    });

    expect(lanesOf(clearUp(world))).toEqual([]);
  });

  it("removes containers that were made for the length of a step", async () => {
    const world = await found((cluster) => {
      const { containers } = cluster.machine("10.0.0.4");
      const kubelet = cluster.container("10.0.0.4", "kubelet");
      const labels = { "pulumi-rke.helper": "pulumi-rke-listener" };
      containers.set("pulumi-rke-listener", { ...kubelet, spec: { ...kubelet.spec, labels } });
    });

    expect(lanesOf(clearUp(world))).toEqual([["remove pulumi-rke-listener"]]);
  });
});
