import { describe, expect, it } from "vitest";

import { containerStep, unwantedContainers } from "../../../provider/reconcile/container-steps.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import type { Step } from "../../../provider/steps/step.ts";
import { aWorld, master, nodesOf, threeAndTwo, type WorldWords, worker } from "../../support/facts.ts";
import type { ModelCluster } from "../../support/model.ts";

const nodes = threeAndTwo;
const caPath = "/etc/kubernetes/ssl/kube-ca.pem";

const stepFor = (world: World, address: string, name: string) => wholeStepFor(world, address, name)?.title;

function wholeStepFor(world: World, address: string, name: string): Step | undefined {
  const plan = world.desired.nodes.find(({ node }) => node.address === address);
  const container = plan?.containers.find(({ spec }) => spec.name === name);
  if (plan === undefined || container === undefined) throw new Error(`No ${name} is planned for ${address}`);
  return containerStep(world, plan, container);
}

const found = (since: (cluster: ModelCluster) => void, words: Partial<WorldWords> = {}) =>
  aWorld({ args: { nodes }, since, ...words });

describe("containerStep()", () => {
  it("has nothing to do for a container that is as it should be", async () => {
    const world = await found(() => undefined);

    expect(stepFor(world, "10.0.0.1", "kubelet")).toBeUndefined();
  });

  it("runs one that is missing", async () => {
    const world = await found((cluster) => cluster.kill("10.0.0.1", "kubelet"));

    expect(stepFor(world, "10.0.0.1", "kubelet")).toBe("run kubelet (rancher/hyperkube:v1.31.4-rancher1)");
  });

  it("starts one that has stopped", async () => {
    const world = await found((cluster) => cluster.stop("10.0.0.1", "kubelet"));

    expect(stepFor(world, "10.0.0.1", "kubelet")).toMatch(/^run kubelet/);
  });

  it("is content with a sidekick that was only created", async () => {
    const world = await found(() => undefined);

    expect(world.facts.nodes["10.0.0.1"]).toMatchObject({
      containers: expect.arrayContaining([expect.objectContaining({ name: "service-sidekick", state: "created" })]),
    });
    expect(stepFor(world, "10.0.0.1", "service-sidekick")).toBeUndefined();
  });

  it("replaces one that was made from another spec", async () => {
    const world = await found(() => undefined, { before: { nodes, kubernetesVersion: "v1.30.8-rancher1-1" } });

    expect(stepFor(world, "10.0.0.1", "kube-scheduler")).toMatch(/^run kube-scheduler/);
  });

  it("leaves one alone that rke made and would leave alone", async () => {
    const world = await found(() => undefined, { isAdopted: true });

    expect(stepFor(world, "10.0.0.1", "kube-apiserver")).toBeUndefined();
  });

  it("replaces one that rke made with other arguments", async () => {
    const services = { kubeApi: { extraArgs: { v: "4" } } };
    const world = await found(() => undefined, { isAdopted: true, args: { nodes, services }, before: { nodes } });

    expect(stepFor(world, "10.0.0.1", "kube-apiserver")).toMatch(/^run kube-apiserver/);
  });

  it("restarts what reads a certificate that this run changes", async () => {
    const world = await found((cluster) =>
      cluster.machine("10.0.0.1").files.set(caPath, { sha256: "another", mode: 0o600 }),
    );

    expect(stepFor(world, "10.0.0.1", "kubelet")).toBe(`restart kubelet, because ${caPath} changes`);
  });

  it("restarts what has started about when the machine was looked at: clocks are not known that well", async () => {
    const world = await found((cluster) =>
      cluster.machine("10.0.0.1").files.set(caPath, { sha256: "another", mode: 0o600 }),
    );

    const step = wholeStepFor(world, "10.0.0.1", "kubelet");

    expect(step?.params).toMatchObject({ sinceMs: Date.parse(world.facts.seenAt) + 1000 });
  });

  it("restarts what has not read a certificate that a killed run has changed", async () => {
    const world = await found((cluster) => {
      const file = cluster.machine("10.0.0.1").files.get(caPath);
      if (file !== undefined) file.writtenAtMs = cluster.tick();
    });

    expect(stepFor(world, "10.0.0.1", "kubelet")).toBe(`restart kubelet, because ${caPath} has changed`);
  });

  it("restarts nothing for a file that was not there: nobody can have read it", async () => {
    const world = await found((cluster) => cluster.machine("10.0.0.1").files.delete(caPath));

    expect(stepFor(world, "10.0.0.1", "kubelet")).toBeUndefined();
  });

  it("restarts nothing that does not read the certificate", async () => {
    const path = "/etc/kubernetes/ssl/kube-scheduler.pem";
    const world = await found((cluster) =>
      cluster.machine("10.0.0.1").files.set(path, { sha256: "another", mode: 0o600 }),
    );

    expect(stepFor(world, "10.0.0.1", "kube-scheduler")).toMatch(/^restart kube-scheduler/);
    expect(stepFor(world, "10.0.0.1", "kubelet")).toBeUndefined();
  });
});

describe("unwantedContainers()", () => {
  const unwanted = (world: World, address: string): readonly string[] => {
    const plan = world.desired.nodes.find(({ node }) => node.address === address);
    return plan === undefined ? [] : unwantedContainers(world, plan).map(({ title }) => title);
  };

  it("finds nothing on a machine that has what it should have", async () => {
    const world = await found(() => undefined);

    expect(unwanted(world, "10.0.0.1")).toEqual([]);
  });

  it("finds the containers of a role that is lost", async () => {
    const before = { nodes: nodesOf(master, master, master, ["controlplane"], worker) };
    const world = await found(() => undefined, { before });

    expect(unwanted(world, "10.0.0.4")).toEqual([
      "remove kube-apiserver",
      "remove kube-controller-manager",
      "remove kube-scheduler",
    ]);
  });

  it("leaves an etcd that still is a member to those who take members out", async () => {
    const before = { nodes: nodesOf(master, master, master, ["etcd"], worker) };
    const world = await found(() => undefined, { before });

    expect(unwanted(world, "10.0.0.4")).not.toContain("remove etcd");
  });

  it("finds an etcd whose member is out already", async () => {
    const before = { nodes: nodesOf(master, master, master, ["etcd"], worker) };
    const world = await found(
      ({ etcd }) => {
        etcd.members = etcd.members.filter(({ peerUrl }) => peerUrl !== "https://10.0.0.4:2380");
      },
      { before },
    );

    expect(unwanted(world, "10.0.0.4")).toContain("remove etcd");
  });

  it("does not know containers of other people", async () => {
    const world = await found((cluster) => {
      const { containers } = cluster.machine("10.0.0.1");
      containers.set("registry", cluster.container("10.0.0.1", "kubelet"));
    });

    expect(unwanted(world, "10.0.0.1")).toEqual([]);
  });
});
