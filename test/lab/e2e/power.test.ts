import { setTimeout as after } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { aLabCluster, type LabCluster } from "../cluster.ts";
import { lab } from "../machines.ts";
import type { Roles, Wanted } from "../program.ts";

const all: Roles = ["etcd", "controlplane", "worker"];
/** Without metrics, which are waited for the longest, in phases that there are without them. */
const old: Wanted = {
  kubernetesVersion: "v1.31.4-rancher1-1",
  nodes: { 1: all, 2: all, 3: all, 4: ["worker"] },
  monitoring: { provider: "none" },
};
const upgraded: Wanted = { ...old, kubernetesVersion: "v1.32.2-rancher1-1" };

const ofCreation = [
  "Open ports to check",
  "Check ports between nodes",
  "Close ports again",
  "Deploy certificates and files",
  "Start etcd",
  "Start Kubernetes",
  "Wait for etcd",
  "Wait for the API servers",
  "Grant the nodes their rights",
  "Deploy the network",
  "Wait for Kubernetes",
  "Label nodes",
  "Keep snapshots going",
  "Deploy addons",
];
const ofUpgrade = [
  "Save etcd before changing it",
  "Change etcd",
  "Change control planes",
  "Change workers",
  "Deploy addons",
];

let cluster: LabCluster;

beforeEach(async () => {
  lab("reset");
  cluster = await aLabCluster();
});

afterEach(async () => {
  await cluster?.close();
});

describe("A power cut", () => {
  it("is tried during every phase there is", async () => {
    await cluster.apply(old);
    const created = phasesIn(cluster.stack.logs());
    await cluster.apply(upgraded);
    const all = phasesIn(cluster.stack.logs());

    expect(created).toEqual(ofCreation);
    expect(all.slice(created.length)).toEqual(ofUpgrade);
  });

  it.each(ofCreation)("during the phase %j of a creation is made good by the next up", async (phase) => {
    await cutOff(2, { during: phase, of: old });
    await cluster.apply(old);

    expect(cluster.versions()).toEqual(everyNode("v1.31.4"));
  });

  it.each(ofUpgrade)("during the phase %j of an upgrade is made good by the next up", async (phase) => {
    await cluster.apply(old);

    await cutOff(phase === "Change workers" ? 4 : 2, { during: phase, of: upgraded });
    await cluster.apply(upgraded);

    expect(cluster.versions()).toEqual(everyNode("v1.32.2"));
  });
});

const everyNode = (version: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(old.nodes).map((index) => [`node${index}`, version]));

/**
 * Begins to bring a program about, and takes a machine's power away in a phase. It is given back when the run has ended, or
 * after a while, since a run that waits for something there goes on waiting.
 */
async function cutOff(
  machine: number,
  { during, of }: { readonly during: string; readonly of: Wanted },
): Promise<void> {
  const before = phasesIn(cluster.stack.logs()).length;
  let isOver = false;
  const up = cluster.begin(of).finally(() => {
    isOver = true;
  });
  while (!phasesIn(cluster.stack.logs()).slice(before).includes(during)) {
    if (isOver) throw new Error(`There was no phase "${during}":\n${(await up).printed}`);
    await after(50);
  }
  lab("node", "kill", String(machine));
  await Promise.race([up, after(20_000)]);
  lab("node", "start", String(machine));
  await up;
}

/** The phases that the cluster's runs have announced, in their order. */
const phasesIn = (logs: string): readonly string[] =>
  logs
    .split("\n")
    .flatMap((line) => {
      const [, time, phase] = /^(\S+Z) lab {2}(.*) \(\d+\/\d+\)$/.exec(line) ?? [];
      return time === undefined || phase === undefined ? [] : [{ time, phase }];
    })
    .toSorted((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)))
    .map(({ phase }) => phase);
