import { describe, expect, it } from "vitest";

import type { Context } from "../../../provider/execute/context.ts";
import type { Node } from "../../../provider/hosts/kube-objects.ts";
import { applyObject } from "../../../provider/steps/apply-object.ts";
import { cordonNode } from "../../../provider/steps/cordon-node.ts";
import { deleteKubeNode } from "../../../provider/steps/delete-kube-node.ts";
import { cordonedAnnotation } from "../../../provider/steps/kube-node.ts";
import { type SyncNodeObjectParams, syncNodeObject } from "../../../provider/steps/sync-node-object.ts";
import { uncordonNode } from "../../../provider/steps/uncordon-node.ts";
import { waitForApiserver } from "../../../provider/steps/wait-for-apiserver.ts";
import { waitForHealthy } from "../../../provider/steps/wait-for-healthy.ts";
import { waitForNodeReady } from "../../../provider/steps/wait-for-node-ready.ts";
import { aCluster } from "./on-machines.ts";

const NAME = "10.0.0.1";
const NODE = "10.0.0.1";
const impatient = { limitMs: 100 };

async function nodeNamed(name: string, context: Context): Promise<Node> {
  const node = await (await context.kube()).node(name);
  if (node === undefined) throw new Error(`There is no Node ${name}`);
  return node;
}

describe("cordonNode()", () => {
  it("keeps new pods off and notes that it was us", async () => {
    const { context } = await aCluster();

    const outcome = await cordonNode({ name: NAME }).run(context);

    const node = await nodeNamed(NAME, context);
    expect(outcome).toBe("changed");
    expect(node.spec.unschedulable).toBe(true);
    expect(node.metadata.annotations?.[cordonedAnnotation]).toMatch(/^\d{4}-/);
  });

  it("leaves the cordon of somebody else alone", async () => {
    const { context } = await aCluster();
    await (await context.kube()).patchNode(NAME, { spec: { unschedulable: true } });

    const outcome = await cordonNode({ name: NAME }).run(context);

    expect(outcome).toBe("unchanged");
    expect((await nodeNamed(NAME, context)).metadata.annotations?.[cordonedAnnotation]).toBeUndefined();
  });

  it("has nothing to do when there is no such Node", async () => {
    const { context } = await aCluster();

    expect(await cordonNode({ name: "gone" }).run(context)).toBe("unchanged");
  });

  it("reads the Node again when somebody was faster", async () => {
    const { fleet, context } = await aCluster();
    fleet.faults.refuse(409, "the object has been modified", { what: /PATCH .*nodes/, times: 1 });

    const outcome = await cordonNode({ name: NAME }).run({ ...context, sleep: async () => undefined });

    expect(outcome).toBe("changed");
  });
});

describe("uncordonNode()", () => {
  it("takes our cordon back", async () => {
    const { context } = await aCluster();
    await cordonNode({ name: NAME }).run(context);

    const outcome = await uncordonNode({ name: NAME }).run(context);

    const node = await nodeNamed(NAME, context);
    expect(outcome).toBe("changed");
    expect(node.spec.unschedulable).toBeUndefined();
    expect(node.metadata.annotations?.[cordonedAnnotation]).toBeUndefined();
  });

  it("leaves the cordon of somebody else", async () => {
    const { context } = await aCluster();
    await (await context.kube()).patchNode(NAME, { spec: { unschedulable: true } });

    const outcome = await uncordonNode({ name: NAME }).run(context);

    expect(outcome).toBe("unchanged");
    expect((await nodeNamed(NAME, context)).spec.unschedulable).toBe(true);
  });
});

describe("waitForNodeReady()", () => {
  it("returns when the node is Ready on the word of the kubelet that runs", async () => {
    const { context } = await aCluster();

    expect(await waitForNodeReady({ name: NAME, node: NODE }).run(context)).toBe("unchanged");
  });

  it("says that a node has not registered", async () => {
    const { context } = await aCluster();

    const waiting = waitForNodeReady({ name: "nobody", ...impatient }).run(context);

    await expect(waiting).rejects.toThrow('the last answer was "the node has not registered"');
  });

  it("waits for the version that is wanted", async () => {
    const { context } = await aCluster();

    const waiting = waitForNodeReady({ name: NAME, kubeletVersion: "v9.9.9", ...impatient }).run(context);

    await expect(waiting).rejects.toThrow(/its kubelet is v1\.\d+/);
  });

  it("does not believe what an earlier kubelet has said", async () => {
    const { fleet, context } = await aCluster({ pace: { nodeGraceMs: 60_000 } });
    const kubelet = fleet.node("node-1").machine.find("kubelet");
    fleet.faults.slowStart("kubelet", 60_000);
    await waitForNodeReady({ name: NAME }).run(context);
    kubelet?.stop();
    kubelet?.start();

    const waiting = waitForNodeReady({ name: NAME, node: NODE, ...impatient }).run(context);

    await expect(waiting).rejects.toThrow("nothing heard of the kubelet since it was started");
  });

  it("says why a node is not Ready", async () => {
    const { fleet, context } = await aCluster();
    fleet.node("node-1").machine.find("kubelet")?.stop();

    const waiting = waitForNodeReady({ name: NAME, ...impatient }).run(context);

    await expect(waiting).rejects.toThrow("Ready is Unknown (NodeStatusUnknown)");
  });
});

describe("deleteKubeNode()", () => {
  it("deletes a Node object", async () => {
    const { fleet, context } = await aCluster();

    const outcome = await deleteKubeNode({ name: NAME }).run(context);

    expect(outcome).toBe("changed");
    expect(fleet.journal.lines({ kind: "node deleted" })).toHaveLength(1);
  });

  it("has nothing to do when it is gone", async () => {
    const { context } = await aCluster();

    expect(await deleteKubeNode({ name: "gone" }).run(context)).toBe("unchanged");
  });
});

describe("syncNodeObject()", () => {
  const wanted: SyncNodeObjectParams = {
    name: NAME,
    labels: { "node-role.kubernetes.io/worker": "true", zone: "a" },
    labelsToDelete: ["node-role.kubernetes.io/etcd"],
    annotations: { "rke.cattle.io/external-ip": "1.2.3.4" },
    taints: [{ key: "ours", value: "1", effect: "NoSchedule" }],
  };

  it("sets labels, annotations and taints in one change", async () => {
    const { context } = await aCluster();

    const outcome = await syncNodeObject(wanted).run(context);

    const { metadata, spec } = await nodeNamed(NAME, context);
    expect(outcome).toBe("changed");
    expect(metadata.labels).toMatchObject(wanted.labels);
    expect(metadata.annotations).toMatchObject(wanted.annotations);
    expect(spec.taints).toContainEqual(wanted.taints[0]);
  });

  it("has nothing to do a second time", async () => {
    const { context } = await aCluster();
    await syncNodeObject(wanted).run(context);

    expect(await syncNodeObject(wanted).run(context)).toBe("unchanged");
  });

  it("leaves labels and taints of others", async () => {
    const { context } = await aCluster();
    const theirs = { key: "theirs", effect: "NoExecute" };
    await (await context.kube()).patchNode(NAME, { metadata: { labels: { mine: "yes" } }, spec: { taints: [theirs] } });

    await syncNodeObject(wanted).run(context);

    const { metadata, spec } = await nodeNamed(NAME, context);
    expect(metadata.labels).toMatchObject({ mine: "yes" });
    expect(spec.taints).toEqual([theirs, wanted.taints[0]]);
  });

  it("takes away what we have set before", async () => {
    const { context } = await aCluster();
    await syncNodeObject(wanted).run(context);
    const { labels: formerLabels, taints: formerTaints } = wanted;

    const without = { ...wanted, labels: {}, taints: [], formerLabels, formerTaints };
    await syncNodeObject(without).run(context);

    const { metadata, spec } = await nodeNamed(NAME, context);
    expect(metadata.labels).not.toHaveProperty("zone");
    expect(spec.taints).toBeUndefined();
  });

  it("takes the taint of a role away that the node does not have any more", async () => {
    const { context } = await aCluster();
    const reserved = { key: "node-role.kubernetes.io/controlplane", value: "true", effect: "NoSchedule" };
    await (await context.kube()).patchNode(NAME, { spec: { taints: [reserved] } });

    await syncNodeObject({ ...wanted, taints: [] }).run(context);

    expect((await nodeNamed(NAME, context)).spec.taints).toBeUndefined();
  });

  it("waits until the node has registered", async () => {
    const { context } = await aCluster();

    const syncing = syncNodeObject({ ...wanted, name: "nobody", ...impatient }).run(context);

    await expect(syncing).rejects.toThrow('the last answer was "there is no such Node yet"');
  });
});

describe("applyObject()", () => {
  const path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/proxy";
  const object = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "proxy" },
    rules: [{ apiGroups: [""], resources: ["nodes/proxy"], verbs: ["get"] }],
  };

  it("makes an object that is not there", async () => {
    const { context } = await aCluster();

    const outcome = await applyObject({ path, object }).run(context);

    expect(outcome).toBe("changed");
    expect(await (await context.kube()).request("GET", path)).toMatchObject(object);
  });

  it("has nothing to do when the object is as it should be", async () => {
    const { fleet, context } = await aCluster();
    await applyObject({ path, object }).run(context);
    const written = fleet.journal.lines({ kind: "object written" }).length;

    const outcome = await applyObject({ path, object }).run(context);

    expect(outcome).toBe("unchanged");
    expect(fleet.journal.lines({ kind: "object written" })).toHaveLength(written);
  });

  it("changes back what somebody has changed", async () => {
    const { context } = await aCluster();
    await applyObject({ path, object }).run(context);
    const contentType = "application/merge-patch+json";
    await (await context.kube()).request("PATCH", path, { body: { rules: [] }, contentType });

    await applyObject({ path, object }).run(context);

    expect(await (await context.kube()).request("GET", path)).toMatchObject(object);
  });

  it("creates on servers that are too old to apply", async () => {
    const { fleet, context } = await aCluster();
    fleet.faults.refuse(415, "the body of the request was in an unknown format", { what: /PATCH .*proxy/, times: 1 });

    await applyObject({ path, object }).run(context);

    expect(await (await context.kube()).request("GET", path)).toMatchObject(object);
  });

  it("tries again when the server has a bad moment", async () => {
    const { fleet, context } = await aCluster();
    fleet.faults.refuse(503, "etcdserver: leader changed", { what: /PATCH .*proxy/, times: 2 });

    const outcome = await applyObject({ path, object }).run({ ...context, sleep: async () => undefined });

    expect(outcome).toBe("changed");
  });
});

describe("waitForApiserver()", () => {
  it("returns when the API server is ready", async () => {
    const { context } = await aCluster();

    expect(await waitForApiserver({ node: NODE }).run(context)).toBe("unchanged");
  });

  it("quotes the last words of one that does not run", async () => {
    const { fleet, context } = await aCluster();
    const apiserver = fleet.node("node-1").machine.find("kube-apiserver");
    apiserver?.log("Error: unknown flag: --nonsense");
    apiserver?.stop({ code: 1 });

    const waiting = waitForApiserver({ node: NODE, ...impatient }).run(context);

    await expect(waiting).rejects.toThrow(
      'kube-apiserver exited with code 1, and its last words are "Error: unknown flag: --nonsense"',
    );
  });
});

describe("waitForHealthy()", () => {
  it.each([
    ["kubelet", "http://localhost:10248/healthz"],
    ["kube-proxy", "http://localhost:10256/healthz"],
    ["kube-controller-manager", "https://localhost:10257/healthz"],
    ["kube-scheduler", "https://localhost:10259/healthz"],
  ])("returns when %s is well", async (name, url) => {
    const { context } = await aCluster();

    expect(await waitForHealthy({ node: NODE, name, url }).run(context)).toBe("unchanged");
  });

  it("presents a certificate of the cluster where that is asked for", async () => {
    const { context } = await aCluster({ only: ["etcd"] });
    const url = "https://10.0.0.1:2379/health";

    expect(await waitForHealthy({ node: NODE, name: "etcd", url, tls: "kube-node" }).run(context)).toBe("unchanged");
  });

  it("fails with the last words of the container", async () => {
    const { fleet, context } = await aCluster();
    const kubelet = fleet.node("node-1").machine.find("kubelet");
    kubelet?.log("failed to run Kubelet: misconfiguration");
    kubelet?.stop({ code: 1 });

    const url = "http://localhost:10248/healthz";
    const waiting = waitForHealthy({ node: NODE, name: "kubelet", url, ...impatient }).run(context);

    await expect(waiting).rejects.toThrow(
      /Cannot finish waiting for kubelet to be healthy on .*its last words are "failed to run Kubelet: misconfiguration"/s,
    );
  });
});
