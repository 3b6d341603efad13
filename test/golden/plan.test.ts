import { describe, expect, it } from "vitest";

import { planJson } from "../../provider/cli/plan-json.ts";
import { plannedVector } from "../support/planned.ts";
import { type Json, peerPlan, validVectors } from "../support/vectors.ts";
import { planDifferences } from "./differences.ts";

describe.each(validVectors)("planCluster() of %s", (name) => {
  const ours: Json = JSON.parse(JSON.stringify(planJson(plannedVector(name))));
  const peers = adapted(name);
  const nodes: [string, number][] = peers.nodes.map((node: Json, index: number) => [node.address, index]);

  it("plans the nodes that RKE plans", () => {
    const addresses = ours.nodes.map(({ address }: Json) => address);

    expect(addresses).toEqual(peers.nodes.map(({ address }: Json) => address));
  });

  it.each(nodes)("makes RKE's containers on %s", (_, index) => {
    expect(comparable(ours.nodes[index].processes)).toEqual(comparable(peers.nodes[index].processes));
  });

  it.each(nodes)("makes RKE's files, labels, taints, annotations and checks on %s", (_, index) => {
    const { processes, upContainers, upContainersLeft, docker, ...wanted } = peers.nodes[index];

    expect(comparable(ours.nodes[index])).toMatchObject(comparable(wanted));
  });

  it("takes snapshots as RKE does", () => {
    const outsideOfThePlan = (plan: Json) =>
      plan.nodes.map(({ upContainers }: Json) => upContainers?.filter(({ sameAsProcess }: Json) => !sameAsProcess));
    const wanted = outsideOfThePlan(peers);

    const compared = outsideOfThePlan(ours).map((containers: Json, index: number) => wanted[index] && containers);

    expect(comparable(compared)).toEqual(comparable(wanted));
  });

  it("resolves version, images and facts of the cluster as RKE does", () => {
    const { kubernetesVersion, systemImages, cluster } = peers;

    expect(ours).toMatchObject({ kubernetesVersion, systemImages, cluster });
  });
});

function adapted(name: string): Json {
  const peer = peerPlan(name);
  for (const { adapt, vectors } of planDifferences) if (vectors.includes(name)) adapt(peer);
  return peer;
}

/** RKE compares these as sets, and so do we: a flag means the same wherever it stands. */
const sets = new Set([
  "entrypoint",
  "cmd",
  "binds",
  "env",
  "securityOpt",
  "taints",
  "planFiles",
  "planPortChecks",
  "upFiles",
  "labelsToDelete",
]);

function comparable(value: Json, key = ""): Json {
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item));
    return sets.has(key) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, comparable(value[name], name)]),
  );
}
