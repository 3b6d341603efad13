import { describe, expect, it } from "vitest";

import { comparableDigest, specHashLabel } from "../../../provider/desired/container-spec.ts";
import type { ContainerFact } from "../../../provider/observed/facts.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { machinesFor, rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { plannedVector } from "../../support/planned.ts";
import { testFleet } from "../fleet/clients.ts";
import { lookAtFleet, reachedNode } from "./look-at-fleet.ts";

const authority = testAuthority();

async function containersOn(fleet: Fleet, address = "10.0.0.1"): Promise<readonly ContainerFact[]> {
  return reachedNode(await lookAtFleet(fleet), address).containers;
}

const IMAGE = "rancher/rke-tools:v0.1.114";

describe("containers seen", () => {
  it.each(["three-all-in-one", "separated-planes", "kubelet-options"])(
    "amount to what the plan wants when rke made them (%s)",
    async (vector) => {
      const fleet = await testFleet({ nodes: machinesFor(vector) });
      await rkeCluster(fleet, vector, { authority });

      const facts = await lookAtFleet(fleet);

      const differing = plannedVector(vector).nodes.flatMap(({ node, containers }) =>
        containers
          .filter(({ spec }) => fleetRuns.has(spec.name))
          .filter(({ spec }) => {
            const seen = reachedNode(facts, node.address).containers.find(({ name }) => name === spec.name);
            return seen?.comparable !== comparableDigest(spec);
          })
          .map(({ spec }) => `${spec.name} on ${node.address}`),
      );
      expect(differing).toEqual([]);
    },
  );

  it("are known by their hash when we made them, and not asked for more", async () => {
    const fleet = await testFleet({ nodes: 1, images: [IMAGE] });
    const { machine } = fleet.node("node-1");
    machine.create({ name: "kubelet", spec: { Image: IMAGE, Labels: { [specHashLabel]: "abc" } } });

    const [kubelet] = await containersOn(fleet);

    expect(kubelet).toEqual({
      name: "kubelet",
      image: IMAGE,
      state: "created",
      specHash: "abc",
      labels: { [specHashLabel]: "abc" },
    });
    expect(fleet.trips.all.filter(({ what }) => /containers\/kubelet\/json/.test(what))).toEqual([]);
  });

  it("leave out those of pods and of other people", async () => {
    const fleet = await testFleet({ nodes: 1, images: [IMAGE] });
    const { machine } = fleet.node("node-1");
    const names = ["k8s_POD_coredns", "nginx", "kubelet", "old-kubelet", "pulumi-rke-files", "rke-log-linker"];
    for (const name of names) machine.create({ name, spec: { Image: IMAGE } });

    const seen = await containersOn(fleet);

    expect(seen.map(({ name }) => name).sort()).toEqual([
      "kubelet",
      "old-kubelet",
      "pulumi-rke-files",
      "rke-log-linker",
    ]);
  });

  it("tell how they ended", async () => {
    const fleet = await testFleet({ nodes: 3 });
    await rkeCluster(fleet, "three-all-in-one", { authority, only: ["etcd"] });
    fleet.node("node-1").machine.find("etcd")?.stop({ code: 137 });

    const [etcd] = await containersOn(fleet);

    expect(etcd).toMatchObject({ state: "exited", exitCode: 137 });
  });

  it("tell exactly when they started where a file is newer than they are", async () => {
    const fleet = await testFleet({ nodes: 3 });
    await rkeCluster(fleet, "three-all-in-one", { authority, only: ["etcd"] });
    const { machine } = fleet.node("node-1");
    const etcd = machine.find("etcd");
    if (etcd === undefined) throw new Error("no etcd");
    etcd.startedAt += 5;

    const [seen] = await containersOn(fleet);

    expect(seen?.startedAtMs).toBe(etcd.startedAt);
  });
});

/** What the fleet is given of RKE's containers. */
const fleetRuns = new Set([
  "service-sidekick",
  "etcd",
  "nginx-proxy",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
]);
