import { setTimeout as after } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Run } from "../engine/run.ts";
import { aStack, type EngineStack } from "../engine/stack.ts";
import { type Kubectl, kubectlWith } from "./kubectl.ts";
import { sightOf } from "./leftovers.ts";
import { lab, nodeAddress, nodeName, onNode } from "./machines.ts";
import { aProbe } from "./probe.ts";
import { labProgram, type Roles, type Wanted } from "./program.ts";

const all: Roles = ["etcd", "controlplane", "worker"];
const worker: Roles = ["worker"];
const machines = [1, 2, 3, 4, 5];

let stack: EngineStack;
let kubectl: Kubectl | undefined;
const untouched = new Map<number, readonly string[]>();

beforeAll(async () => {
  for (const index of machines) {
    untouched.set(index, sightOf(index));
  }
  stack = await aStack({ program: labProgram({ nodes: {} }) });
});

afterAll(async () => {
  kubectl?.close();
  await stack?.close();
});

/** The life of one cluster on real machines: each test goes on where the one before has stopped. */
describe("A cluster on real machines", { sequential: true }, () => {
  let wanted: Wanted = { kubernetesVersion: "v1.31.4-rancher1-1", nodes: { 1: all, 2: all, 3: all } };

  it("is created, with every node ready", async () => {
    const { outputs } = await apply(wanted);
    kubectl = kubectlWith(String(outputs.kubeconfig));

    expect(versions()).toEqual({ node1: "v1.31.4", node2: "v1.31.4", node3: "v1.31.4" });
  });

  it("has no drift and nothing to do", async () => {
    expect(await stack.refresh()).toMatchObject({ failure: undefined, changes: {} });
    expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
  });

  it("gets a worker, which touches no other node", async () => {
    wanted = { ...wanted, nodes: { ...wanted.nodes, 4: worker } };
    const running = containersOf(1);

    await apply(wanted);

    expect(Object.keys(versions())).toContain("node4");
    expect(containersOf(1)).toEqual(running);
  });

  it("gives its kubelets an argument", async () => {
    wanted = { ...wanted, services: { kubelet: { extraArgs: { "max-pods": "123" } } } };

    await apply(wanted);

    expect(ask("get", "nodes", "-o", "jsonpath={.items[*].status.capacity.pods}")).toBe("123 123 123 123");
  });

  it("is upgraded, and always one API server answers", async () => {
    wanted = { ...wanted, kubernetesVersion: "v1.32.2-rancher1-1" };
    const probe = aProbe([1, 2, 3].map((index) => `https://${nodeAddress(index)}:6443/readyz`));

    await apply(wanted);
    const { requests, unanswered } = await probe.stop();

    expect(versions()).toEqual({ node1: "v1.32.2", node2: "v1.32.2", node3: "v1.32.2", node4: "v1.32.2" });
    expect(requests).toBeGreaterThan(20);
    expect(unanswered).toEqual([]);
  });

  it("lets a worker go, whose machine is as it was", async () => {
    const { 4: _, ...nodes } = wanted.nodes;
    wanted = { ...wanted, nodes };

    await apply(wanted);

    expect(Object.keys(versions())).toEqual(["node1", "node2", "node3"]);
    expect(leftOn(4)).toEqual([]);
  });

  it("replaces a machine of etcd by another", async () => {
    const { 3: _, ...nodes } = wanted.nodes;
    wanted = { ...wanted, nodes: { ...nodes, 5: all } };

    await apply(wanted);

    expect(Object.keys(versions())).toEqual(["node1", "node2", "node5"]);
    expect(members()).toEqual(["node1", "node2", "node5"]);
    expect(leftOn(3)).toEqual([]);
  });

  it("goes on after a power cut in the middle of a change", async () => {
    wanted = { ...wanted, services: { kubelet: { extraArgs: { "max-pods": "99" } } } };
    stack.write(labProgram(wanted));

    const running = containersOf(1);
    const up = stack.up();
    await until(() => containersOf(1) !== running);
    lab("node", "kill", "2");
    const failed = await up;
    lab("node", "start", "2");
    await apply(wanted);

    expect(failed.failure).toContain("node2");
    expect(ask("get", "nodes", "-o", "jsonpath={.items[*].status.capacity.pods}")).toBe("99 99 99");
  });

  it("is destroyed, and its machines are as they were", async () => {
    expect(await stack.destroy()).toMatchObject({ failure: undefined });

    expect(machines.flatMap(leftOn)).toEqual([]);
  });

  it("is created again on the same machines", async () => {
    kubectl?.close();
    const { outputs } = await apply({ kubernetesVersion: "v1.32.2-rancher1-1", nodes: { 1: all } });
    kubectl = kubectlWith(String(outputs.kubeconfig));

    expect(versions()).toEqual({ node1: "v1.32.2" });
    expect(await stack.destroy()).toMatchObject({ failure: undefined });
  });
});

/** Brings the program's new text about, and sees that nothing is left to do. */
async function apply(wanted: Wanted): Promise<Run> {
  stack.write(labProgram(wanted));
  const up = await stack.up();
  if (up.failure !== undefined) throw new Error(up.printed);
  expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
  return up;
}

function ask(...words: readonly string[]): string {
  if (kubectl === undefined) throw new Error("There is no cluster to ask");
  return kubectl(...words);
}

/** The Kubernetes version of each node that is ready. */
function versions(): Readonly<Record<string, string>> {
  const nodes: NodeList = JSON.parse(ask("get", "nodes", "-o", "json"));
  const ready = nodes.items.filter(({ status }) =>
    status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True"),
  );
  return Object.fromEntries(ready.map(({ metadata, status }) => [metadata.name, status.nodeInfo.kubeletVersion]));
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly conditions: readonly { readonly type: string; readonly status: string }[];
      readonly nodeInfo: { readonly kubeletVersion: string };
    };
  }[];
}

/** The containers that run on a machine, by name and by id. */
const containersOf = (index: number): string =>
  onNode(index, "docker ps --format '{{.Names}} {{.ID}}' | grep -v ^k8s_ | sort");

/** The members of etcd, as etcd's own tool lists them. */
function members(): readonly string[] {
  const list = onNode(1, "docker exec etcd etcdctl member list");
  return list
    .trim()
    .split("\n")
    .map((line) => line.split(", ")[2]?.replace(/^etcd-/, "") ?? "")
    .sort();
}

/** What is on a machine that was not there before. */
function leftOn(index: number): readonly string[] {
  const before = new Set(untouched.get(index));
  return sightOf(index)
    .filter((line) => !before.has(line))
    .map((line) => `${nodeName(index)}: ${line}`);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await after(250);
}
