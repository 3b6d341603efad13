import { describe, expect, it } from "vitest";

import type { Context } from "../../../provider/execute/context.ts";
import type { KubeObject } from "../../../provider/hosts/kube-objects.ts";
import { cordonNode } from "../../../provider/steps/cordon-node.ts";
import { type DrainOptions, drainNode } from "../../../provider/steps/drain-node.ts";
import { aCluster, type Members } from "./on-machines.ts";

const NAME = "10.0.0.1";

const drain = (options: DrainOptions = {}) => drainNode({ name: NAME, options: { timeout: 1, ...options } });

async function make(context: Context, collection: string, object: object): Promise<void> {
  await (await context.kube()).request("POST", collection, { body: object });
}

/** A pod on the first node, as somebody has made it by hand. */
const aPod = (
  name: string,
  changes: { owner?: string; spec?: object; annotations?: object; labels?: object } = {},
) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name,
    namespace: "default",
    labels: { app: name, ...changes.labels },
    ...(changes.annotations !== undefined && { annotations: changes.annotations }),
    ...(changes.owner !== undefined && {
      ownerReferences: [{ apiVersion: "apps/v1", kind: changes.owner, name: "owner", uid: "1", controller: true }],
    }),
  },
  spec: { nodeName: NAME, ...changes.spec },
});

async function withPods(...pods: readonly object[]): Promise<Members> {
  const cluster = await aCluster();
  for (const pod of pods) await make(cluster.context, "/api/v1/namespaces/default/pods", pod);
  await cordonNode({ name: NAME }).run(cluster.context);
  return cluster;
}

async function podsLeft({ context }: Members): Promise<readonly string[]> {
  return (await (await context.kube()).podsOn(NAME)).map(({ metadata }) => metadata.name);
}

const budget = (app: string): KubeObject & { spec: object } => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: `keep-${app}`, namespace: "default" },
  spec: { minAvailable: 1, selector: { matchLabels: { app } } },
});

describe("drainNode()", () => {
  it("asks pods to leave and waits until they are gone", async () => {
    const cluster = await withPods(aPod("web", { owner: "ReplicaSet" }));

    const outcome = await drain().run(cluster.context);

    expect(outcome).toBe("changed");
    expect(await podsLeft(cluster)).toEqual([]);
    expect(cluster.fleet.journal.lines({ kind: "pod evicted" })).toHaveLength(1);
  });

  it("has nothing to do on a node without pods", async () => {
    const { context } = await withPods();

    expect(await drain().run(context)).toBe("unchanged");
  });

  it("has nothing to do when there is no such Node", async () => {
    const { context } = await withPods();

    expect(await drainNode({ name: "gone", options: {} }).run(context)).toBe("unchanged");
  });

  it("leaves static pods and pods of DaemonSets where they are", async () => {
    const mirror = { "kubernetes.io/config.mirror": "x" };
    const cluster = await withPods(aPod("agent", { owner: "DaemonSet" }), aPod("static", { annotations: mirror }));

    const outcome = await drain().run(cluster.context);

    expect(outcome).toBe("unchanged");
    expect(await podsLeft(cluster)).toEqual(["agent", "static"]);
  });

  it("refuses to evict pods that nothing would make again, and names them", async () => {
    const cluster = await withPods(aPod("lonely"), aPod("web", { owner: "ReplicaSet" }));

    const draining = drain().run(cluster.context);

    await expect(draining).rejects.toMatchObject({
      code: "unsafe",
      detail: { because: "nothing would make these pods again (force): default/lonely" },
    });
    expect(cluster.fleet.journal.lines({ kind: "pod evicted" })).toEqual([]);
  });

  it("refuses to empty a node that takes new pods", async () => {
    const cluster = await aCluster();
    await make(cluster.context, "/api/v1/namespaces/default/pods", aPod("web", { owner: "ReplicaSet" }));

    await expect(drain().run(cluster.context)).rejects.toThrow(`Cannot drain ${NAME}: it is not cordoned`);
  });

  it("names the budget that holds a pod when the time is over", async () => {
    const cluster = await withPods(aPod("db", { owner: "StatefulSet" }));
    await make(cluster.context, "/apis/policy/v1/namespaces/default/poddisruptionbudgets", budget("db"));

    const draining = drain().run(cluster.context);

    await expect(draining).rejects.toMatchObject({ code: "timeout" });
    await expect(draining).rejects.toThrow("still there: default/db (held by the disruption budget keep-db)");
    expect(await podsLeft(cluster)).toEqual(["db"]);
  });

  it("goes on as soon as the budget permits", async () => {
    const cluster = await withPods(aPod("db", { owner: "StatefulSet" }));
    const path = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    await make(cluster.context, path, budget("db"));
    const sleep = async () => (await cluster.context.kube()).delete(`${path}/keep-db`);

    const outcome = await drain().run({ ...cluster.context, sleep });

    expect(outcome).toBe("changed");
    expect(await podsLeft(cluster)).toEqual([]);
  });
});
