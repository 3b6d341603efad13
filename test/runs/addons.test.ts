import { afterEach, describe, expect, it } from "vitest";

import type { Runbook } from "../../provider/reconcile/runbook.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { kindOf } from "../fleet/kube-kinds.ts";
import type { KubeObject } from "../fleet/kube-object.ts";
import { KubeStore } from "../fleet/kube-store.ts";
import { Cluster } from "./cluster.ts";
import { nodeWith } from "./operation-on.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

const args = {
  nodes: [nodeWith(1, ["etcd", "controlplane", "worker"]), nodeWith(2, ["worker"])],
  network: { plugin: "canal" },
  dns: { provider: "coredns" },
  ingress: { provider: "nginx" },
  monitoring: { provider: "metrics-server" },
};

/** A cluster whose nodes are not Ready before they have a network. */
async function deployed(changes: object = {}): Promise<Cluster> {
  fleet = await aFleet({ nodes: 2, needsNetworkPlugin: true });
  const cluster = new Cluster(fleet, { ...args, ...changes });
  await cluster.up();
  return cluster;
}

/** What is in the API, without asking it. */
const store = (): KubeStore => {
  const [data] = [...fleet.world.etcdClusters.values()].filter(({ running }) => running.size > 0);
  if (data === undefined) throw new Error("No etcd runs");
  return new KubeStore(data, () => Date.now());
};

const named = (plural: string, namespace?: string): readonly string[] =>
  store()
    .list(kindOf(plural), namespace)
    .map(({ metadata }) => metadata.name);

function objectOf(plural: string, namespace: string, name: string): KubeObject {
  const found = store().get(kindOf(plural), namespace, name);
  if (found === undefined) throw new Error(`There is no ${name}`);
  return found;
}

/** Changes an object as somebody with kubectl would: the fields are theirs from then on. */
function edit(plural: string, name: string, data: Record<string, string>): void {
  const object = objectOf(plural, "kube-system", name);
  const managedFields = object.metadata.managedFields?.map((entry) => ({ ...entry, manager: "kubectl-edit" })) ?? [];
  store().update(kindOf(plural), object, { ...object, data, metadata: { ...object.metadata, managedFields } });
}

const titles = (runbook: Runbook): readonly string[] =>
  runbook.flatMap(({ lanes }) => lanes.flat().map(({ title }) => title));

const written = (): readonly string[] =>
  fleet.journal.lines({ kind: "object written" }).filter((line) => !line.includes("pulumi-rke-addon-"));

describe("bringUp() with addons", () => {
  it("creates a cluster whose nodes are Ready and whose addons run, and then finds nothing to do", async () => {
    const cluster = await deployed();

    const { runbook, facts } = await cluster.up();

    expect(runbook).toEqual([]);
    expect(facts.kube?.nodes.map(({ isReady }) => isReady)).toEqual([true, true]);
    expect(facts.kube?.addons?.map(({ name, isRolledOut }) => [name, isRolledOut])).toEqual([
      ["canal", true],
      ["coredns", true],
      ["ingress-nginx", true],
      ["metrics-server", true],
    ]);
    expect(named("jobs", "kube-system")).toEqual([]);
  });

  it("writes the objects of one addon when a setting of it changes, and replaces no other pods", async () => {
    const cluster = await deployed();
    fleet.journal.events.length = 0;
    cluster.want({ dns: { provider: "coredns", upstreamnameservers: ["9.9.9.9"] } });

    await cluster.up();

    expect(written()).toEqual([expect.stringContaining("coredns")]);
    expect(JSON.stringify(objectOf("configmaps", "kube-system", "coredns"))).toContain("forward . 9.9.9.9");
  });

  it("removes what is switched off, and leaves the namespace to those who use it", async () => {
    const cluster = await deployed();
    cluster.want({ ingress: { provider: "none" } });

    await cluster.up();

    expect(named("daemonsets", "ingress-nginx")).toEqual([]);
    expect(named("validatingwebhookconfigurations")).toEqual([]);
    expect(named("namespaces")).toContain("ingress-nginx");
    expect((await cluster.up()).runbook).toEqual([]);
  });

  it("finds what was changed by hand and what was deleted, and puts it right", async () => {
    const cluster = await deployed();
    edit("configmaps", "coredns", { Corefile: "." });
    store().delete(kindOf("daemonsets"), objectOf("daemonsets", "kube-system", "canal"));

    const preview = await cluster.preview(await cluster.look());
    await cluster.up();

    expect(titles(preview)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^repair canal/), "repair coredns (10 objects)"]),
    );
    expect(JSON.stringify(objectOf("configmaps", "kube-system", "coredns"))).toContain("kubernetes cluster.local");
    expect(named("daemonsets", "kube-system")).toContain("canal");
    expect((await cluster.up()).runbook).toEqual([]);
  });

  it("deploys what people bring along, and says nothing of the Secrets in it", async () => {
    const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: mine}\nstringData: {p: hunter2}\n";
    const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: mine}\n";
    const cluster = await deployed({ addons: `${secret}---\n${namespace}` });

    const facts = await cluster.look();
    cluster.want({ addons: namespace });
    const preview = await cluster.preview(facts);
    await cluster.up();

    expect(named("secrets", "mine")).toEqual([]);
    expect(JSON.stringify([facts, cluster.events, titles(preview)])).not.toContain("hunter2");
  });

  it("lets nothing that goes wrong with an addon stand in the way of nodes", async () => {
    fleet = await aFleet({ nodes: 2 });
    fleet.faults.refuse(403, "quota exceeded", { what: /PATCH .*deployments\/coredns/ });
    const cluster = new Cluster(fleet, args);

    await expect(cluster.up()).rejects.toThrow("Cannot apply Deployment coredns");

    const facts = await cluster.look();
    expect(facts.kube?.nodes.map(({ isReady }) => isReady)).toEqual([true, true]);
    expect(titles(await cluster.preview(facts))).toEqual(["change coredns (10 objects)", "wait until coredns runs"]);
  });
});
