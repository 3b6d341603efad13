import { describe, expect, it } from "vitest";

import type { Runbook } from "../../../../provider/reconcile/runbook.ts";
import { up } from "../../../../provider/reconcile/up.ts";
import {
  aWorld,
  everything,
  linesOf,
  master,
  nodesOf,
  titlesOf,
  type WorldWords,
  wanted,
  worker,
  worldOf,
} from "../../../support/facts.ts";
import { ModelCluster } from "../../../support/model.ts";
import { runOn } from "../../../support/run-model.ts";

const nodes = nodesOf(everything);
const dns = { provider: "coredns" };
const withDns = { nodes, dns };

const linesAfter = async (words: WorldWords) => linesOf(up(await aWorld(words)));

/** The objects that a run waits for. */
const awaitedIn = (runbook: Runbook): readonly string[] =>
  runbook
    .flatMap(({ lanes }) => lanes.flat())
    .filter(({ kind }) => kind === "wait-for-rollout")
    .flatMap(({ params }) => (params as { workloads: { name: string }[] }).workloads)
    .map(({ name }) => name);

describe("up() with addons", () => {
  it("deploys the network as soon as there is an API, and the rest when all nodes are there", async () => {
    const titles = titlesOf(up(await aWorld({ args: { nodes, network: { plugin: "canal" }, dns }, before: "none" })));

    expect(titles.indexOf("Deploy the network")).toBe(titles.indexOf("Grant the nodes their rights") + 1);
    expect(titles.indexOf("Deploy the network")).toBeLessThan(titles.indexOf("Wait for Kubernetes"));
    expect(titles.at(-1)).toBe("Deploy addons");
    expect(titles.indexOf("Label nodes")).toBeLessThan(titles.indexOf("Deploy addons"));
  });

  it("does nothing about what is deployed and runs", async () => {
    expect(await linesAfter({ args: withDns })).toEqual([]);
  });

  it("changes one addon with its setting, and no other", async () => {
    const network = { plugin: "canal" };

    const lines = await linesAfter({
      args: { nodes, network, dns: { ...dns, nodeSelector: { a: "b" } } },
      before: { nodes, network, dns },
    });

    expect(lines).toEqual(["Deploy addons: - change coredns (10 objects)", "Deploy addons: - wait until coredns runs"]);
  });

  it("changes a network that is there along with the other addons", async () => {
    const lines = await linesAfter({
      args: { nodes, network: { plugin: "canal", mtu: 1300 } },
      before: { nodes, network: { plugin: "canal" } },
    });

    expect(lines).toEqual([
      expect.stringMatching(/^Deploy addons: - change canal/),
      "Deploy addons: - wait until canal runs",
    ]);
  });

  it("repairs an addon of which somebody has changed an object", async () => {
    const lines = await linesAfter({ args: withDns, since: ({ addons }) => addons.disturb("coredns") });

    expect(lines[0]).toBe("Deploy addons: - repair coredns (10 objects)");
  });

  it("takes over what rke has deployed by applying it again", async () => {
    const lines = await linesAfter({ args: withDns, isAdopted: true });

    expect(lines.filter((line) => line.startsWith("Deploy addons"))).toEqual([
      "Deploy addons: - deploy coredns (10 objects)",
      "Deploy addons: - wait until coredns runs",
    ]);
  });

  it("deletes the objects that an addon no longer has", async () => {
    const ingress = { provider: "nginx" };

    const lines = await linesAfter({
      args: { nodes, ingress },
      before: { nodes, ingress: { ...ingress, defaultBackend: true } },
    });

    expect(lines[1]).toBe(
      "Deploy addons: - delete what ingress-nginx no longer has: Deployment ingress-nginx/default-http-backend, Service ingress-nginx/default-http-backend",
    );
  });

  it("removes an addon that is switched off, as the last thing", async () => {
    expect(await linesAfter({ args: { nodes }, before: withDns })).toEqual([
      "Remove addons: - remove coredns (10 objects)",
    ]);
  });

  it("leaves what the new DNS server has of the old one", async () => {
    const runbook = up(await aWorld({ args: { nodes, dns: { provider: "kube-dns" } }, before: withDns }));

    const removal = runbook.at(-1)?.lanes[0]?.[0];
    expect(titlesOf(runbook)).toEqual(["Deploy addons", "Remove addons"]);
    expect(removal?.title).toBe("remove coredns (9 objects)");
    expect(JSON.stringify(removal?.params)).not.toContain('"Service"');
  });

  it("leaves the record of an addon alone whose manifest is not built", async () => {
    const old = { nodes, kubernetesVersion: "v1.24.17-rancher1-1", network: { plugin: "canal" } };

    const lines = await linesAfter({
      args: old,
      since: ({ addons }) => addons.settle([{ name: "canal", role: "network", digest: "x", objects: [] }]),
    });

    expect(lines).toEqual([]);
  });

  it("applies what people bring along after all else, and does not wait for it", async () => {
    const addons = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

    const lines = await linesAfter({ args: { ...withDns, addons }, before: { nodes } });

    expect(lines.slice(2)).toEqual(["Deploy addons of your own: - deploy user-addons (1 object)"]);
  });

  it("waits for no pods of workers where there are none", async () => {
    const runbook = up(
      await aWorld({ args: { nodes: nodesOf(master), dns, network: { plugin: "canal" } }, before: "none" }),
    );

    expect(awaitedIn(runbook)).toEqual(["canal", "calico-kube-controllers"]);
  });

  it("waits for what metrics-server answers, where it runs", async () => {
    const monitoring = { provider: "metrics-server" };
    const awaitedOn = async (places: ReturnType<typeof nodesOf>) =>
      awaitedIn(up(await aWorld({ args: { nodes: places, monitoring }, before: "none" })));

    expect(await awaitedOn(nodesOf(master, worker))).toEqual(["metrics-server", "v1beta1.metrics.k8s.io"]);
    expect(await awaitedOn(nodesOf(master))).toEqual([]);
  });

  it("goes on from wherever a run was killed, to the same end", async () => {
    const args = { nodes, network: { plugin: "canal" }, dns, ingress: { provider: "nginx" } };
    const { plan, certificates } = await wanted(
      { ...args, dns: { ...dns, nodeSelector: { a: "b" } }, ingress: { provider: "none" } },
      args,
    );
    const former = await wanted(args);
    const worldFrom = (cluster: ModelCluster) =>
      worldOf(cluster, { desired: plan, certificates, former: former.config.nodes });
    const settled = () => new ModelCluster().settle(former.plan, former.certificates);
    const steps = up(worldFrom(settled())).flatMap(({ lanes }) => lanes.flat()).length;

    const ends = Array.from({ length: steps }, (_, killedAfter) => {
      const cluster = settled();
      runOn(cluster, plan, up(worldFrom(cluster)))({ killedAfter });
      runOn(cluster, plan, up(worldFrom(cluster)))();
      return { left: up(worldFrom(cluster)), addons: cluster.addons.facts() };
    });

    expect(steps).toBeGreaterThan(0);
    for (const { left, addons } of ends) {
      expect(left).toEqual([]);
      expect(addons).toEqual(ends[0]?.addons);
    }
  });
});
