import { describe, expect, it } from "vitest";

import { bootstrapObjects } from "../../../provider/desired/bootstrap-objects.ts";
import type { Kube } from "../../../provider/hosts/kube.ts";
import type { ClientCertificate } from "../../../provider/hosts/tls-client.ts";
import { cordonedAnnotation, includes } from "../../../provider/observed/kube.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { plannedVector } from "../../support/planned.ts";
import { testFleet } from "../fleet/clients.ts";
import { bundleOf, hostsOf, lookAtFleet } from "./look-at-fleet.ts";

const authority = testAuthority();

async function aCluster() {
  const fleet = await testFleet({ nodes: 3 });
  const cluster = await rkeCluster(fleet, "three-all-in-one", { authority });
  const admin: ClientCertificate = { ca: authority.cert, ...cluster.admin };
  const kube: Kube = hostsOf(fleet)("10.0.0.1").kube(admin);
  const certificates = bundleOf(cluster);
  return { fleet, kube, certificates };
}

describe("the API seen", () => {
  it("has its version and the nodes", async () => {
    const { fleet, certificates } = await aCluster();

    const { kube } = await lookAtFleet(fleet, { certificates });

    expect(kube?.version).toMatch(/^v1\./);
    expect(kube?.nodes[0]).toMatchObject({
      name: "10.0.0.1",
      uid: expect.stringMatching(/./),
      isReady: true,
      isUnschedulable: false,
      isCordonedByUs: false,
      kubeletVersion: expect.stringMatching(/^v1\./),
      internalIp: "10.0.0.1",
    });
  });

  it("tells nodes that we have cordoned from those that somebody else has", async () => {
    const { fleet, kube, certificates } = await aCluster();
    const annotations = { [cordonedAnnotation]: "run-1" };
    await kube.patchNode("10.0.0.1", { metadata: { annotations }, spec: { unschedulable: true } });
    await kube.patchNode("10.0.0.2", { spec: { unschedulable: true } });

    const nodes = (await lookAtFleet(fleet, { certificates })).kube?.nodes;

    expect(nodes?.map(({ isUnschedulable, isCordonedByUs }) => [isUnschedulable, isCordonedByUs])).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
  });

  it("is asked of another server when one is gone", async () => {
    const { fleet, certificates } = await aCluster();
    fleet.node("node-1").machine.find("kube-apiserver")?.stop();

    expect((await lookAtFleet(fleet, { certificates })).kube?.nodes).toHaveLength(3);
  });

  it("is asked of one server; the others say whether they are ready, and no more", async () => {
    const { fleet, certificates } = await aCluster();
    const bootstrap = bootstrapObjects(plannedVector("three-all-in-one").config);
    const before = fleet.trips.all.length;

    await lookAtFleet(fleet, { certificates, bootstrap });

    const asked = fleet.trips.all.slice(before).filter(({ layer }) => layer === "kube");
    expect(asked.filter(({ what }) => what.includes("/readyz"))).toHaveLength(3);
    expect(new Set(asked.filter(({ what }) => !what.includes("/readyz")).map(({ node }) => node)).size).toBe(1);
  });

  it("is asked of another server when the first that is ready breaks off", async () => {
    const { fleet, certificates } = await aCluster();
    fleet.faults.drop({ layer: "kube", what: /nodes/, times: 1 });

    expect((await lookAtFleet(fleet, { certificates })).kube?.nodes).toHaveLength(3);
  });

  it("is asked of one that is not ready, when there is no better", async () => {
    const { fleet, certificates } = await aCluster();
    fleet.faults.refuse(500, "[-]poststarthook failed", { layer: "kube", what: /readyz/ });

    expect((await lookAtFleet(fleet, { certificates })).kube?.nodes).toHaveLength(3);
  });

  it("is absent when no server answers", async () => {
    const { fleet, certificates } = await aCluster();
    for (const { machine } of fleet.nodes) machine.find("kube-apiserver")?.stop();

    expect(await lookAtFleet(fleet, { certificates })).not.toHaveProperty("kube");
  });

  it("is absent when it does not trust us", async () => {
    const { fleet, certificates } = await aCluster();
    fleet.faults.refuse(401, "Unauthorized", { layer: "kube" });

    expect(await lookAtFleet(fleet, { certificates })).not.toHaveProperty("kube");
  });

  it("tells which of the objects are there as they should be", async () => {
    const { fleet, kube, certificates } = await aCluster();
    const bootstrap = bootstrapObjects(plannedVector("three-all-in-one").config);
    const [first, second] = bootstrap;
    if (first === undefined || second === undefined) throw new Error("there are no bootstrap objects");
    await kube.apply(first.path, first.object, { fieldManager: "test" });
    await kube.apply(second.path, { ...second.object, rules: [] } as typeof second.object, { fieldManager: "test" });

    const facts = await lookAtFleet(fleet, { certificates, bootstrap });

    expect(facts.kube?.bootstrapped).toEqual([first.name]);
  });
});

describe("includes()", () => {
  it.each([
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: { b: [1, { c: 2, d: 3 }] } }, { a: { b: [1, { c: 2 }] } }],
    [[], []],
  ])("finds in %j all of %j", (found, wanted) => {
    expect(includes(found, wanted)).toBe(true);
  });

  it.each([
    [{ a: 1 }, { a: 1, b: 2 }],
    [[1, 2], [1]],
    [undefined, {}],
    [{ a: null }, { a: {} }],
    [{ a: "1" }, { a: 1 }],
    [{}, { toString: {} }],
  ])("misses in %j some of %j", (found, wanted) => {
    expect(includes(found, wanted)).toBe(false);
  });
});
