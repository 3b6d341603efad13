import { describe, expect, it } from "vitest";

import { changeLane, newNodeLanes } from "../../../provider/reconcile/kube-lane.ts";
import { changeWorkers } from "../../../provider/reconcile/phases/worker-plane.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import { aMachine, aWorld, threeAndTwo, worker } from "../../support/facts.ts";

const nodes = threeAndTwo;
const kubelet = { nodes, services: { kubelet: { extraArgs: { "max-pods": "200" } } } };
const kubeProxy = { nodes, services: { kubeproxy: { extraArgs: { v: "4" } } } };

const planOf = ({ desired }: World, address: string) => {
  const plan = desired.nodes.find(({ node }) => node.address === address);
  if (plan === undefined) throw new Error(`There is no node ${address}`);
  return plan;
};

/** The kinds of steps, with what they are about: `run-container kubelet`. */
const deeds = (world: World, address: string): readonly string[] =>
  changeLane(world, planOf(world, address)).map(({ kind, params }) => {
    const { container, name } = params as { container?: { spec: { name: string } }; name?: string };
    return `${kind} ${container?.spec.name ?? name ?? ""}`.trim();
  });

describe("changeLane()", () => {
  it("is empty for a machine that is as it should be", async () => {
    const world = await aWorld({ args: { nodes } });

    expect(deeds(world, "10.0.0.4")).toEqual([]);
  });

  it("takes a node out of scheduling while its kubelet is replaced", async () => {
    const world = await aWorld({ args: kubelet, before: { nodes } });

    expect(deeds(world, "10.0.0.4")).toEqual([
      "cordon-node node-4",
      "run-container kubelet",
      "wait-for-healthy kubelet",
      "wait-for-node-ready node-4",
      "uncordon-node node-4",
    ]);
  });

  it("empties the node first where that is asked for", async () => {
    const upgradeStrategy = { drain: true, nodeDrainInput: { timeout: 60 } };
    const world = await aWorld({ args: { ...kubelet, upgradeStrategy }, before: { nodes } });

    expect(deeds(world, "10.0.0.4").slice(0, 3)).toEqual([
      "cordon-node node-4",
      "drain-node node-4",
      "run-container kubelet",
    ]);
  });

  it("empties a machine under the name that it had before it gets another, whatever is said about draining", async () => {
    const renamed = nodes.map((node) => (node.address === "10.0.0.4" ? { ...node, hostnameOverride: "four" } : node));
    const world = await aWorld({ args: { nodes: renamed }, before: { nodes } });

    expect(deeds(world, "10.0.0.4")).toEqual([
      "cordon-node node-4",
      "drain-node node-4",
      "run-container kubelet",
      "run-container kube-proxy",
      "wait-for-healthy kubelet",
      "wait-for-healthy kube-proxy",
      "wait-for-node-ready four",
    ]);
  });

  it("gives no more workers other names at a time than may be missing", async () => {
    const renamed = nodes.map((node) =>
      node.role === worker ? { ...node, hostnameOverride: `w${node.address.at(-1)}` } : node,
    );
    const phase = changeWorkers(await aWorld({ args: { nodes: renamed }, before: { nodes } }));

    expect([phase?.lanes.length, phase?.width]).toEqual([2, 1]);
  });

  it("believes only a kubelet that has been heard since it was replaced", async () => {
    const world = await aWorld({ args: kubelet, before: { nodes } });
    const wait = changeLane(world, planOf(world, "10.0.0.4")).find(({ kind }) => kind === "wait-for-node-ready");

    expect(wait?.node).toBe("10.0.0.4");
  });

  it("does not touch scheduling for kube-proxy", async () => {
    const world = await aWorld({ args: kubeProxy, before: { nodes } });

    expect(deeds(world, "10.0.0.4")).toEqual(["run-container kube-proxy", "wait-for-healthy kube-proxy"]);
  });

  it("does not touch scheduling for nginx-proxy when control planes come or go", async () => {
    const world = await aWorld({ args: { nodes }, before: { nodes: nodes.slice(1) } });

    expect(deeds(world, "10.0.0.4")).toEqual(["run-container nginx-proxy"]);
  });

  it("does not drain a node that is not Ready, because nothing on it could leave", async () => {
    const world = await aWorld({
      args: { ...kubelet, upgradeStrategy: { drain: true } },
      before: { nodes },
      since: (cluster) => cluster.stop("10.0.0.4", "kubelet"),
    });

    expect(deeds(world, "10.0.0.4")).not.toContain("drain-node node-4");
  });

  it("leaves a cordon of somebody else alone", async () => {
    const world = await aWorld({
      args: kubelet,
      before: { nodes },
      since: ({ nodes: seen }) => Object.assign(seen.get("node-4") ?? {}, { cordon: "theirs" }),
    });

    expect(deeds(world, "10.0.0.4").filter((deed) => deed.includes("cordon"))).toEqual([]);
  });

  it("takes back a cordon that a killed run has left, when nothing else is to be done", async () => {
    const world = await aWorld({
      args: { nodes },
      since: ({ nodes: seen }) => Object.assign(seen.get("node-4") ?? {}, { cordon: "ours" }),
    });

    expect(deeds(world, "10.0.0.4")).toEqual(["uncordon-node node-4"]);
  });

  it("waits for a node that a killed run has left not Ready before it is put back", async () => {
    const world = await aWorld({
      args: { nodes },
      since: ({ nodes: seen }) => Object.assign(seen.get("node-4") ?? {}, { cordon: "ours", isSettling: true }),
    });

    expect(deeds(world, "10.0.0.4")).toEqual(["wait-for-node-ready node-4", "uncordon-node node-4"]);
  });

  it("frees the ports of a role that is lost before the next one takes them", async () => {
    const roles = nodes.map((node, index) => (index === 2 ? { ...node, role: worker } : node));
    const world = await aWorld({ args: { nodes: roles }, before: { nodes } });
    const lane = deeds(world, "10.0.0.3");

    expect(lane.indexOf("remove-container kube-apiserver")).toBeLessThan(lane.indexOf("run-container nginx-proxy"));
    expect(lane).toContain("remove-container kube-apiserver");
  });

  it("drains and stops the machine whose name and Node object go over to another", async () => {
    const after = nodes.map((node) =>
      node.address === "10.0.0.5" ? aMachine(5, worker, { address: "10.0.1.5" }) : node,
    );
    const world = await aWorld({ args: { nodes: after }, before: { nodes } });

    expect(deeds(world, "10.0.1.5").slice(0, 4)).toEqual([
      "cordon-node node-5",
      "drain-node node-5",
      "remove-container kubelet",
      "remove-container kube-proxy",
    ]);
  });

  it("cordons by name when no API server answers, since one will by then", async () => {
    const world = await aWorld({
      args: kubelet,
      before: { nodes },
      since: (cluster) => {
        for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) cluster.stop(address, "kube-apiserver");
      },
    });

    expect(world.facts.kube).toBeUndefined();
    expect(deeds(world, "10.0.0.4")[0]).toBe("cordon-node node-4");
  });

  it("asks nothing of the API where it is this machine that brings it back", async () => {
    const world = await aWorld({
      args: kubelet,
      before: { nodes },
      since: (cluster) => {
        for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) cluster.stop(address, "kube-apiserver");
      },
    });

    expect(deeds(world, "10.0.0.1").slice(0, 2)).toEqual(["run-container kube-apiserver", "run-container kubelet"]);
  });

  it("replaces an API server before its kubelet, and what nothing waits for while the kubelet takes its time", async () => {
    const world = await aWorld({ args: { nodes, kubernetesVersion: "v1.32.2-rancher1-1" }, before: { nodes } });

    const replaced = deeds(world, "10.0.0.1").filter((deed) => deed.startsWith("run-container"));
    expect(replaced).toEqual([
      "run-container service-sidekick",
      "run-container kube-apiserver",
      "run-container kubelet",
      "run-container kube-controller-manager",
      "run-container kube-scheduler",
      "run-container kube-proxy",
    ]);
  });
});

describe("newNodeLanes()", () => {
  const lanes = async () => {
    const world = await aWorld({ args: { nodes: [...nodes, aMachine(6, worker)] }, before: { nodes } });
    return newNodeLanes(world, planOf(world, "10.0.0.6"));
  };

  it("start everything but kube-proxy at once, and take nothing out of scheduling", async () => {
    const { start } = await lanes();

    expect(start.map(({ title }) => title.replace(/ \(.*/, ""))).toEqual([
      "create service-sidekick",
      "run nginx-proxy",
      "run kubelet",
    ]);
  });

  it("start kube-proxy when there is a kubelet, which makes the Node that it asks for", async () => {
    const { finish } = await lanes();

    expect(finish.map(({ title }) => title.replace(/ \(.*/, ""))).toEqual([
      "wait until kubelet is healthy",
      "run kube-proxy",
      "wait until kube-proxy is healthy",
    ]);
  });
});
