import { describe, expect, it } from "vitest";

import type { Fleet, FleetOptions } from "../../fleet/fleet.ts";
import { type RkeCluster, rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { type Ask, ask, type Reply, testFleet } from "./clients.ts";

const authority = testAuthority();
const merge = "application/merge-patch+json";
const strategic = "application/strategic-merge-patch+json";
const applyType = "application/apply-patch+yaml";

interface Kube {
  readonly fleet: Fleet;
  readonly cluster: RkeCluster;
  call(path: string, how?: Ask): Promise<Reply>;
}

async function kube(options: Partial<FleetOptions> = {}, vector = "three-all-in-one"): Promise<Kube> {
  const fleet = await testFleet({ nodes: vector === "single-node" ? 1 : 3, ...options });
  const cluster = await rkeCluster(fleet, vector, { authority });
  return {
    fleet,
    cluster,
    call: (path, how) =>
      ask(fleet.node("node-1").machine, `https://127.0.0.1:6443${path}`, {
        client: cluster.admin,
        ca: authority.cert,
        ...how,
      }),
  };
}

const stop = ({ fleet }: Kube, node: string, name: string): void => void fleet.node(node).machine.find(name)?.stop();

const configMap = (name: string, data: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
const configMaps = "/api/v1/namespaces/default/configmaps";

describe("KubeApi", () => {
  it("is ready with its etcd and says so without", async () => {
    const cluster = await kube();

    const well = await cluster.call("/readyz");
    for (const node of ["node-1", "node-2"]) stop(cluster, node, "etcd");
    const sick = await cluster.call("/readyz");

    expect(well).toEqual({ status: 200, body: "ok" });
    expect(sick).toMatchObject({ status: 500, body: expect.stringContaining("[-]etcd failed") });
    expect((await cluster.call("/livez")).status).toBe(200);
  });

  it("answers requests with a timeout when etcd has no majority", async () => {
    const cluster = await kube();
    for (const node of ["node-2", "node-3"]) stop(cluster, node, "etcd");

    const answer = await cluster.call("/api/v1/nodes");

    expect(answer).toMatchObject({ status: 500, body: { kind: "Status", message: "etcdserver: request timed out" } });
  });

  it.each([
    ["no certificate", {}],
    ["a certificate of another CA", { client: testAuthority("other").issue({ commonName: "kube-admin" }) }],
  ])("answers 401 to a client with %s", async (_case, how) => {
    const { fleet } = await kube();

    const answer = await ask(fleet.node("node-1").machine, "https://127.0.0.1:6443/api/v1/nodes", how);

    expect(answer).toMatchObject({ status: 401, body: { kind: "Status", reason: "Unauthorized" } });
  });

  it("tells its version", async () => {
    const { call } = await kube();

    expect((await call("/version")).body).toMatchObject({ major: "1", minor: "32", gitVersion: "v1.32.7" });
  });

  it("answers 404 for kinds that nobody defined, until somebody does", async () => {
    const { call } = await kube();
    const path = "/apis/example.com/v1/widgets";
    const spec = {
      group: "example.com",
      scope: "Cluster",
      names: { plural: "widgets", kind: "Widget" },
      versions: [{ name: "v1" }],
    };

    const before = await call(path);
    const body = { metadata: { name: "widgets.example.com" }, spec };
    await call("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { method: "POST", body });

    expect(before).toMatchObject({
      status: 404,
      body: { message: "the server could not find the requested resource" },
    });
    expect((await call(path)).body).toMatchObject({ kind: "WidgetList", items: [] });
  });

  it("tells where the objects of a kind live", async () => {
    const { call } = await kube();

    const { body } = await call("/apis/apps/v1");

    expect(body.resources).toContainEqual(
      expect.objectContaining({ name: "daemonsets", kind: "DaemonSet", namespaced: true }),
    );
  });
});

describe("objects", () => {
  it("are created, read, listed and deleted", async () => {
    const { call } = await kube();

    const created = await call(configMaps, { method: "POST", body: configMap("a", { x: "1" }) });
    const read = await call(`${configMaps}/a`);
    await call(`${configMaps}/a`, { method: "DELETE" });
    const gone = await call(`${configMaps}/a`);

    expect(created).toMatchObject({
      status: 201,
      body: { metadata: { name: "a", namespace: "default", uid: expect.any(String) } },
    });
    expect(read.body).toEqual(created.body);
    expect(gone).toMatchObject({ status: 404, body: { message: 'configmaps "a" not found', reason: "NotFound" } });
  });

  it("exist once", async () => {
    const { call } = await kube();
    await call(configMaps, { method: "POST", body: configMap("a", {}) });

    const again = await call(configMaps, { method: "POST", body: configMap("a", {}) });

    expect(again).toMatchObject({ status: 409, body: { reason: "AlreadyExists" } });
  });

  it("need their namespace", async () => {
    const { call } = await kube();

    const answer = await call("/api/v1/namespaces/none/configmaps", { method: "POST", body: configMap("a", {}) });

    expect(answer).toMatchObject({ status: 404, body: { message: 'namespaces "none" not found' } });
  });

  it("are not replaced by what was made from an old version", async () => {
    const { call } = await kube();
    const { body: first } = await call(configMaps, { method: "POST", body: configMap("a", { x: "1" }) });
    await call(`${configMaps}/a`, { method: "PUT", body: { ...first, data: { x: "2" } } });

    const late = await call(`${configMaps}/a`, { method: "PUT", body: { ...first, data: { x: "3" } } });

    expect(late).toMatchObject({
      status: 409,
      body: { reason: "Conflict", message: expect.stringContaining("has been modified") },
    });
  });

  it("stay while a finalizer holds them", async () => {
    const { call } = await kube();
    const held = { ...configMap("a", {}), metadata: { name: "a", finalizers: ["test/hold"] } };
    await call(configMaps, { method: "POST", body: held });

    await call(`${configMaps}/a`, { method: "DELETE" });
    const marked = await call(`${configMaps}/a`);
    await call(`${configMaps}/a`, { method: "PATCH", type: merge, body: { metadata: { finalizers: null } } });

    expect(marked.body.metadata.deletionTimestamp).toEqual(expect.any(String));
    expect((await call(`${configMaps}/a`)).status).toBe(404);
  });

  it("are found by label and by field", async () => {
    const { call } = await kube();
    for (const [name, app] of [
      ["a", "web"],
      ["b", "db"],
    ] as const) {
      await call(configMaps, { method: "POST", body: { metadata: { name, labels: { app } } } });
    }
    const names = async (query: string) =>
      (await call(`${configMaps}?${query}`)).body.items.map(
        (item: { metadata: { name: string } }) => item.metadata.name,
      );

    expect(await names("labelSelector=app%3Dweb")).toEqual(["a"]);
    expect(await names("labelSelector=app+in+(db,other)")).toEqual(["b"]);
    expect(await names("labelSelector=app!%3Dweb")).toEqual(["b"]);
    expect(await names("fieldSelector=metadata.name%3Db")).toEqual(["b"]);
  });

  it("change nothing in a dry run", async () => {
    const { call } = await kube();

    const answer = await call(`${configMaps}?dryRun=All`, { method: "POST", body: configMap("a", {}) });

    expect(answer.status).toBe(201);
    expect((await call(`${configMaps}/a`)).status).toBe(404);
  });
});

describe("server-side apply", () => {
  const apply = (name: string, data: object, query: string): [string, Ask] => [
    `${configMaps}/${name}?${query}`,
    { method: "PATCH", type: applyType, body: configMap(name, data) },
  ];

  it("creates, then changes, then removes what is no longer applied", async () => {
    const { call } = await kube();

    const created = await call(...apply("a", { x: "1", y: "1" }, "fieldManager=us"));
    const changed = await call(...apply("a", { x: "2" }, "fieldManager=us"));

    expect([created.status, changed.status]).toEqual([201, 200]);
    expect(changed.body.data).toEqual({ x: "2" });
  });

  it("changes no version when nothing changes", async () => {
    const { call } = await kube();

    const first = await call(...apply("a", { x: "1" }, "fieldManager=us"));
    const second = await call(...apply("a", { x: "1" }, "fieldManager=us"));

    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });

  it("answers 409 for a field that somebody else owns, unless forced", async () => {
    const { call } = await kube();
    await call(...apply("a", { x: "1" }, "fieldManager=them"));

    const refused = await call(...apply("a", { x: "2" }, "fieldManager=us"));
    const forced = await call(...apply("a", { x: "2" }, "fieldManager=us&force=true"));

    expect(refused).toMatchObject({
      status: 409,
      body: { reason: "Conflict", message: 'Apply failed with 1 conflict: conflict with "them": .data.x' },
    });
    expect(forced.body.data).toEqual({ x: "2" });
    expect(forced.body.metadata.managedFields.map(({ manager }: { manager: string }) => manager)).toEqual(["us"]);
  });

  it("needs a field manager", async () => {
    const { call } = await kube();

    expect((await call(...apply("a", {}, ""))).status).toBe(422);
  });
});

describe("nodes", () => {
  it("register themselves, Ready, with the version of their kubelet", async () => {
    const { call } = await kube();

    const { body } = await call("/api/v1/nodes");

    expect(body.items).toHaveLength(3);
    expect(body.items[0]).toMatchObject({
      metadata: { name: "10.0.0.1", labels: { "kubernetes.io/hostname": "10.0.0.1" } },
      status: { nodeInfo: { kubeletVersion: "v1.32.7" }, conditions: [{ type: "Ready", status: "True" }] },
    });
  });

  it("are cordoned by a patch, with the taint that follows", async () => {
    const { fleet, call } = await kube();

    const patched = await call("/api/v1/nodes/10.0.0.2", {
      method: "PATCH",
      type: strategic,
      body: { spec: { unschedulable: true } },
    });
    await call("/api/v1/nodes/10.0.0.2", { method: "PATCH", type: merge, body: { spec: { unschedulable: null } } });

    expect(patched.body.spec).toEqual({
      unschedulable: true,
      taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }],
    });
    expect(fleet.journal.lines({ kind: "node cordoned" })).toEqual(["node-1: node cordoned 10.0.0.2"]);
    expect(fleet.journal.lines({ kind: "node uncordoned" })).toEqual(["node-1: node uncordoned 10.0.0.2"]);
  });

  it("are Unknown when their kubelet has stopped, and Ready when it runs again", async () => {
    const cluster = await kube();
    const status = async () => (await cluster.call("/api/v1/nodes/10.0.0.2")).body.status.conditions[0].status;

    stop(cluster, "node-2", "kubelet");
    const down = await status();
    cluster.fleet.node("node-2").machine.find("kubelet")?.start();

    expect([down, await status()]).toEqual(["Unknown", "True"]);
  });

  it("look Ready for the grace period", async () => {
    const cluster = await kube({ pace: { nodeGraceMs: 60_000 } });

    stop(cluster, "node-2", "kubelet");

    expect((await cluster.call("/api/v1/nodes/10.0.0.2")).body.status.conditions[0].status).toBe("True");
  });

  it("look Ready for ever when no controller manager gives them up", async () => {
    const cluster = await kube();
    for (const node of ["node-1", "node-2", "node-3"]) stop(cluster, node, "kube-controller-manager");

    stop(cluster, "node-2", "kubelet");

    expect((await cluster.call("/api/v1/nodes/10.0.0.2")).body.status.conditions[0].status).toBe("True");
  });

  it("are NotReady until there is a network plugin, where the fleet asks for one", async () => {
    const { call } = await kube({ needsNetworkPlugin: true });
    const status = async () => (await call("/api/v1/nodes/10.0.0.1")).body.status.conditions[0].status;

    const before = await status();
    const body = { metadata: { name: "kube-flannel" }, spec: { template: {} } };
    await call("/apis/apps/v1/namespaces/kube-system/daemonsets", { method: "POST", body });

    expect([before, await status()]).toEqual(["False", "True"]);
  });

  it("stay deleted until their kubelet starts again", async () => {
    const { fleet, call } = await kube();
    await call("/api/v1/nodes/10.0.0.3", { method: "DELETE" });
    const gone = await call("/api/v1/nodes/10.0.0.3");
    const kubelet = fleet.node("node-3").machine.find("kubelet");

    kubelet?.stop();
    kubelet?.start();

    expect([gone.status, (await call("/api/v1/nodes/10.0.0.3")).status]).toEqual([404, 200]);
  });

  it("renew their leases while they live", async () => {
    const cluster = await kube();
    const lease = async () =>
      (await cluster.call("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/10.0.0.2")).body.spec
        .renewTime;

    const alive = await lease();
    stop(cluster, "node-2", "kubelet");

    expect(alive).toEqual(expect.any(String));
    expect(await lease()).toBeUndefined();
  });

  it("keep their status when somebody puts the whole object", async () => {
    const { call } = await kube();
    const { body: node } = await call("/api/v1/nodes/10.0.0.1");

    const put = await call("/api/v1/nodes/10.0.0.1", {
      method: "PUT",
      body: { ...node, status: {}, metadata: { ...node.metadata, labels: { a: "b" } } },
    });

    expect(put.body).toMatchObject({
      metadata: { labels: { a: "b" } },
      status: { nodeInfo: { kubeletVersion: "v1.32.7" } },
    });
  });
});

describe("workloads", () => {
  const labels = { app: "web" };
  const deployment = (replicas: number) => ({
    metadata: { name: "web" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web" }] } },
    },
  });
  const deployments = "/apis/apps/v1/namespaces/default/deployments";
  const pods = "/api/v1/namespaces/default/pods";
  const nodeOf = (pod: { spec: { nodeName: string } }): string => pod.spec.nodeName;

  it("get their pods, spread over the nodes that take them", async () => {
    const { call } = await kube();
    await call("/api/v1/nodes/10.0.0.1", { method: "PATCH", type: merge, body: { spec: { unschedulable: true } } });

    await call(deployments, { method: "POST", body: deployment(4) });
    const { body } = await call(pods);

    expect(body.items.map(nodeOf).toSorted()).toEqual(["10.0.0.2", "10.0.0.2", "10.0.0.3", "10.0.0.3"]);
    expect((await call(`${deployments}/web`)).body.status).toMatchObject({
      replicas: 4,
      readyReplicas: 4,
      observedGeneration: 1,
    });
  });

  it("stay as they are without a controller manager", async () => {
    const cluster = await kube();
    for (const node of ["node-1", "node-2", "node-3"]) stop(cluster, node, "kube-controller-manager");

    await cluster.call(deployments, { method: "POST", body: deployment(1) });

    expect((await cluster.call(pods)).body.items).toEqual([]);
  });

  it("take their time to be ready", async () => {
    const { call } = await kube({ pace: { rolloutMs: 60_000 } });

    await call(deployments, { method: "POST", body: deployment(1) });

    expect((await call(`${deployments}/web`)).body.status).toMatchObject({ replicas: 1, readyReplicas: 0 });
  });

  it("put a daemon on every node, cordoned or not, that its tolerations allow", async () => {
    const { call } = await kube();
    await call("/api/v1/nodes/10.0.0.1", { method: "PATCH", type: merge, body: { spec: { unschedulable: true } } });
    const taints = [{ key: "dedicated", effect: "NoSchedule" }];
    await call("/api/v1/nodes/10.0.0.2", { method: "PATCH", type: merge, body: { spec: { taints } } });

    const body = { metadata: { name: "agent" }, spec: { template: { spec: {} } } };
    await call("/apis/apps/v1/namespaces/kube-system/daemonsets", { method: "POST", body });
    const agents = (await call("/api/v1/pods?fieldSelector=spec.nodeName!%3D")).body.items;

    expect(agents.map(nodeOf).toSorted()).toEqual(["10.0.0.1", "10.0.0.3"]);
    expect(agents[0].metadata.ownerReferences).toMatchObject([{ kind: "DaemonSet", name: "agent" }]);
  });

  it("complete their jobs", async () => {
    const { call } = await kube();
    const jobs = "/apis/batch/v1/namespaces/kube-system/jobs";

    await call(jobs, { method: "POST", body: { metadata: { name: "deploy" }, spec: {} } });

    expect((await call(`${jobs}/deploy`)).body.status).toMatchObject({
      succeeded: 1,
      conditions: [{ type: "Complete", status: "True" }],
    });
  });

  it("lose a pod to an eviction and get another one elsewhere", async () => {
    const { fleet, call } = await kube();
    await call(deployments, { method: "POST", body: deployment(1) });
    const [pod] = (await call(pods)).body.items;
    await call(`/api/v1/nodes/${nodeOf(pod)}`, {
      method: "PATCH",
      type: merge,
      body: { spec: { unschedulable: true } },
    });

    const evicted = await call(`${pods}/${pod.metadata.name}/eviction`, { method: "POST", body: {} });
    const [next] = (await call(pods)).body.items;

    expect(evicted.status).toBe(201);
    expect(nodeOf(next)).not.toBe(nodeOf(pod));
    expect(fleet.journal.lines({ kind: "pod evicted" })).toHaveLength(1);
  });

  it("are protected by a disruption budget until another pod is ready", async () => {
    const { call } = await kube();
    await call(deployments, { method: "POST", body: deployment(2) });
    const spec = { minAvailable: 2, selector: { matchLabels: labels } };
    const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    await call(budgets, { method: "POST", body: { metadata: { name: "web" }, spec } });
    const [pod] = (await call(pods)).body.items;
    const evict = () => call(`${pods}/${pod.metadata.name}/eviction`, { method: "POST", body: {} });

    const refused = await evict();
    await call(`${deployments}/web`, { method: "PATCH", type: merge, body: { spec: { replicas: 3 } } });

    expect(refused).toMatchObject({
      status: 429,
      body: { reason: "TooManyRequests", details: { causes: [{ reason: "DisruptionBudget" }] } },
    });
    expect((await evict()).status).toBe(201);
  });

  it("leave with the Node they were on", async () => {
    const { call } = await kube();
    await call(deployments, { method: "POST", body: deployment(3) });

    await call("/api/v1/nodes/10.0.0.2", { method: "DELETE" });

    expect((await call(`${pods}?fieldSelector=spec.nodeName%3D10.0.0.2`)).body.items).toEqual([]);
    expect((await call(pods)).body.items).toHaveLength(3);
  });
});
