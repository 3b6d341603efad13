import { describe, expect, it } from "vitest";
import type { Kube } from "../../../provider/hosts/kube.ts";
import type { Lease, Node, Pod } from "../../../provider/hosts/kube-objects.ts";
import { forgetStrangers } from "../../../provider/steps/forget-strangers.ts";
import { restartPods } from "../../../provider/steps/restart-pods.ts";
import { aContext } from "../execute/a-context.ts";

const DONE = "2026-11-21T08:00:00.000Z";
const [EARLIER, LATER] = ["2026-11-21T07:00:00Z", "2026-11-21T08:00:10Z"] as const;

const node = (name: string, { isReady = true, labels = {} } = {}): Node => ({
  metadata: { name, labels },
  spec: {},
  status: { conditions: [{ type: "Ready", status: isReady ? "True" : "Unknown" }] },
});

/** An API server with these nodes, of which some kubelets have shown a sign of life at a time. */
function withNodes(nodes: readonly Node[], renewed: Readonly<Record<string, string>> = {}) {
  const deleted: string[] = [];
  const lease = (name: string): Lease => ({ metadata: { name }, spec: { renewTime: renewed[name] ?? EARLIER } });
  const kube: Pick<Kube, "nodes" | "nodeLease" | "deleteNode"> = {
    nodes: async () => nodes,
    nodeLease: async (name) => lease(name),
    deleteNode: async (name) => void deleted.push(name),
  };
  return { deleted, context: aContext({ kube: async () => kube as Kube }) };
}

describe("forgetStrangers()", () => {
  it("deletes the Node of a machine that has left, whatever the database says of its health", async () => {
    const { deleted, context } = withNodes([node("a"), node("gone")]);

    const outcome = await forgetStrangers({ keep: ["a"], since: DONE }).run(context);

    expect([outcome, deleted]).toEqual(["changed", ["gone"]]);
  });

  it("leaves one whose kubelet lives, and says so", async () => {
    const { deleted, context } = withNodes([node("a"), node("somebody")], { somebody: LATER });

    const outcome = await forgetStrangers({ keep: ["a"], since: DONE }).run(context);

    expect([outcome, deleted]).toEqual(["unchanged", []]);
    expect(context.events).toContainEqual({ kind: "notice", text: expect.stringMatching(/^somebody: Nodes that/) });
  });

  it.each([
    ["is not ready", { isReady: false }],
    ["had a member of etcd", { labels: { "node-role.kubernetes.io/etcd": "true" } }],
  ])("deletes one that %s in any case", async (_, words) => {
    const { deleted, context } = withNodes([node("gone", words)], { gone: LATER });

    await forgetStrangers({ keep: [], since: DONE }).run(context);

    expect(deleted).toEqual(["gone"]);
  });

  it("leaves the nodes of the cluster, ready or not", async () => {
    const { deleted, context } = withNodes([node("a", { isReady: false })]);

    expect(await forgetStrangers({ keep: ["a"], since: DONE }).run(context)).toBe("unchanged");
    expect(deleted).toEqual([]);
  });
});

describe("restartPods()", () => {
  const pod = (name: string, creationTimestamp: string, more: object = {}): Pod => ({
    metadata: { name, namespace: "kube-system", creationTimestamp, ...more },
    spec: {},
  });

  function withPods(pods: Readonly<Record<string, readonly Pod[]>>) {
    const deleted: string[] = [];
    const kube: Pick<Kube, "podsWith" | "delete"> = {
      podsWith: async (label) => pods[label] ?? [],
      delete: async (path) => void deleted.push(path),
    };
    return { deleted, context: aContext({ kube: async () => kube as Kube }) };
  }

  it("deletes those that were made before, of every label", async () => {
    const { deleted, context } = withPods({
      "k8s-app=canal": [pod("old", EARLIER), pod("new", LATER), pod("going", EARLIER, { deletionTimestamp: EARLIER })],
      "app=ingress-nginx": [pod("also-old", EARLIER)],
    });
    const step = restartPods({ labels: ["k8s-app=canal", "app=ingress-nginx"], before: DONE, because: "of it" });

    const outcome = await step.run(context);

    expect(outcome).toBe("changed");
    expect(deleted.toSorted()).toEqual([
      "/api/v1/namespaces/kube-system/pods/also-old",
      "/api/v1/namespaces/kube-system/pods/old",
    ]);
  });

  it("has nothing to do a second time", async () => {
    const { context } = withPods({ "k8s-app=canal": [pod("new", LATER)] });
    const step = restartPods({ labels: ["k8s-app=canal"], before: DONE, because: "of it" });

    expect(await step.run(context)).toBe("unchanged");
  });
});
