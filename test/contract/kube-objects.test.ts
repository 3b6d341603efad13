import { describe, expect, it, onTestFinished } from "vitest";

import type { KubeObject } from "../../provider/hosts/kube-objects.ts";
import { clientOf } from "./cluster.ts";
import { aWorld } from "./world.ts";

const { here, host, kube, raw } = aWorld({ cluster: true });

const configMaps = "/api/v1/namespaces/default/configmaps";

describe("An API server that is well", () => {
  it("is ready", async () => {
    expect(await kube().readyz()).toEqual({ ready: true, answer: "ok" });
  });

  it("tells its version", async () => {
    expect(await kube().request("GET", "/version")).toMatchObject({ gitVersion: "v1.31.4", major: "1", minor: "31" });
  });

  it("lets nobody in who shows no certificate, not even to ask for its health", async () => {
    const { ca } = clientOf(here().certificates, "kube-admin");

    const answer = await raw(6443, { method: "GET", path: "/readyz" }, { tls: { ca, host: "127.0.0.1" } });

    expect(answer).toMatchObject({
      status: 401,
      json: { kind: "Status", status: "Failure", reason: "Unauthorized", message: "Unauthorized", code: 401 },
    });
  });

  it("is reached on a node without one through its proxy", async () => {
    const answer = await raw(6443, { method: "GET", path: "/readyz" }, { tls: tls(), index: 2 });

    expect(answer).toMatchObject({ status: 200, body: "ok" });
  });

  it("tells which kinds it has, parts of objects among them", async () => {
    const { json } = await asked("GET", "/apis/apps/v1");

    expect(json).toMatchObject({ kind: "APIResourceList", groupVersion: "apps/v1" });
    expect(json?.resources).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "daemonsets", kind: "DaemonSet", namespaced: true }),
        expect.objectContaining({ name: "deployments/scale" }),
      ]),
    );
    expect(await kube().resources("rbac.authorization.k8s.io/v1")).toContainEqual(
      expect.objectContaining({ name: "clusterroles", kind: "ClusterRole", namespaced: false }),
    );
  });

  it("has no kinds in a version that it does not know", async () => {
    expect(await kube().resources("contract.example/v1")).toEqual([]);
  });
});

describe("The nodes of a cluster", () => {
  it("are all there, ready, and say who they are", async () => {
    const nodes = await kube().nodes();

    expect(nodes.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toMatchObject(
      here().addresses.map((address, index) => ({
        metadata: {
          name: `node-${index + 1}`,
          uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          resourceVersion: expect.stringMatching(/^\d+$/),
          labels: expect.objectContaining({ "kubernetes.io/hostname": `node-${index + 1}` }),
        },
        status: {
          conditions: expect.arrayContaining([expect.objectContaining({ type: "Ready", status: "True" })]),
          addresses: expect.arrayContaining([{ type: "InternalIP", address }]),
          nodeInfo: expect.objectContaining({ kubeletVersion: "v1.31.4" }),
        },
      })),
    );
  });

  it("are tainted where no pods belong", async () => {
    const [worker, other] = await Promise.all([kube().node("node-1"), kube().node("node-2")]);

    expect([worker?.spec.taints, other?.spec.taints]).toEqual([
      undefined,
      [{ key: "node-role.kubernetes.io/etcd", value: "true", effect: "NoExecute" }],
    ]);
  });

  it("renew a lease each, of their own name", async () => {
    const leases = await kube().leases("kube-node-lease");

    expect(leases.map(({ metadata, spec }) => [metadata.name, spec.holderIdentity]).sort()).toEqual(
      [1, 2, 3].map((index) => [`node-${index}`, `node-${index}`]),
    );
    for (const { spec } of leases) expect(Date.now() - Date.parse(String(spec.renewTime))).toBeLessThan(40_000);
  });

  it("have a health on the machine itself", async () => {
    const kubelet = await host().fetch({ port: 10248, path: "/healthz" });
    const proxy = await host().fetch({ port: 10256, path: "/healthz" });

    expect([kubelet, proxy.status]).toEqual([{ status: 200, body: "ok" }, 200]);
  });

  it.each([
    ["kube-controller-manager", 10257],
    ["kube-scheduler", 10259],
  ])("let %s tell its health by a certificate of its own", async (_name, port) => {
    const answer = await host().fetch({ port, path: "/healthz" }, { tls: { rejectUnauthorized: false } });

    expect(answer).toEqual({ status: 200, body: "ok" });
  });
});

describe("A change of a node", () => {
  it("touches what it names, and null takes away", async () => {
    await kube().patchNode("node-2", { metadata: { labels: { "contract/a": "1", "contract/b": "2" } } });

    const changed = await kube().patchNode("node-2", {
      metadata: { labels: { "contract/a": null, "contract/b": "3" } },
    });

    expect(changed?.metadata.labels).toMatchObject({ "contract/b": "3", "kubernetes.io/hostname": "node-2" });
    expect(changed?.metadata.labels).not.toHaveProperty("contract/a");
    await kube().patchNode("node-2", { metadata: { labels: { "contract/b": null } } });
  });

  it("is refused when somebody else was faster", async () => {
    const body = { metadata: { resourceVersion: "1", labels: { "contract/a": "1" } } };

    const answer = await asked("PATCH", "/api/v1/nodes/node-2", { body, contentType: "application/merge-patch+json" });

    expect(answer).toMatchObject({
      status: 409,
      json: {
        reason: "Conflict",
        message: expect.stringMatching(
          /^Operation cannot be fulfilled on nodes "node-2": the object has been modified/,
        ),
      },
    });
  });

  it("of one that is not there is an answer of its own", async () => {
    expect(await kube().patchNode("contract-nobody", { spec: { unschedulable: true } })).toBeUndefined();
  });

  it("keeps pods off it by a taint that Kubernetes adds", async () => {
    await kube().patchNode("node-2", { spec: { unschedulable: true } });
    onTestFinished(async () => {
      await kube().patchNode("node-2", { spec: { unschedulable: null } });
    });

    await expect
      .poll(async () => (await kube().node("node-2"))?.spec.taints, { timeout: 20_000 })
      .toContainEqual(expect.objectContaining({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }));
  });
});

describe("An object that is not there", () => {
  it.each([
    ["nodes", "/api/v1/nodes/contract-nobody", 'nodes "contract-nobody" not found'],
    ["daemonsets", "/apis/apps/v1/namespaces/default/daemonsets/x", 'daemonsets.apps "x" not found'],
  ])("is told of in the words of its kind: %s", async (_kind, path, message) => {
    const answer = await asked("GET", path);

    expect(answer).toMatchObject({ status: 404, json: { kind: "Status", reason: "NotFound", message, code: 404 } });
    expect(await kube().request("GET", path)).toBeUndefined();
  });

  it("is deleted without harm", async () => {
    await expect(kube().delete(`${configMaps}/contract-nobody`)).resolves.toBeUndefined();
  });

  it("may be of a kind that the server does not know", async () => {
    const answer = await asked("GET", "/apis/contract.example/v1/things");

    expect(answer.status).toBe(404);
  });
});

describe("A list of objects", () => {
  it("is a list of its kind with a version, and leaves the kind out of its items", async () => {
    await aConfigMap({ colour: "blue" });

    const { json } = await asked("GET", configMaps);

    expect(json).toMatchObject({
      kind: "ConfigMapList",
      apiVersion: "v1",
      metadata: { resourceVersion: expect.stringMatching(/^\d+$/) },
    });
    expect(json?.items).not.toEqual([]);
    expect(json?.items).not.toContainEqual(expect.objectContaining({ kind: "ConfigMap" }));
  });

  it.each([
    "contract/fruit=pear",
    "contract/fruit",
    "contract/fruit in (pear,plum)",
    "contract/fruit!=plum,contract/fruit",
  ])("is filtered by %s", async (labelSelector) => {
    const name = await aConfigMap({ colour: "blue" }, { "contract/fruit": "pear" });
    await aConfigMap({ colour: "red" });

    const list = await kube().request<{ items: KubeObject[] }>("GET", configMaps, { query: { labelSelector } });

    expect(list?.items.map(({ metadata }) => metadata.name)).toEqual([name]);
  });
});

describe("An object that is changed", () => {
  it("has a new version only if anything is different", async () => {
    const path = `${configMaps}/${await aConfigMap({ colour: "blue" })}`;
    const before = await versionAt(path);

    await asked("PATCH", path, { body: { data: { colour: "blue" } }, contentType: "application/merge-patch+json" });
    const same = await versionAt(path);
    await asked("PATCH", path, { body: { data: { colour: "red" } }, contentType: "application/merge-patch+json" });

    expect(same).toBe(before);
    expect(await versionAt(path)).not.toBe(before);
  });

  it("is not changed by what the server cannot read", async () => {
    const path = `${configMaps}/${await aConfigMap({ colour: "blue" })}`;

    const answer = await asked("PATCH", path, { body: {}, contentType: "application/x-contract" });

    expect(answer).toMatchObject({ status: 415, json: { kind: "Status", reason: "UnsupportedMediaType" } });
  });

  it("cannot be made twice", async () => {
    const name = await aConfigMap({ colour: "blue" });

    const answer = await asked("POST", configMaps, {
      body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } },
    });

    expect(answer).toMatchObject({
      status: 409,
      json: { reason: "AlreadyExists", message: `configmaps "${name}" already exists` },
    });
  });
});

const tls = () => ({ ...clientOf(here().certificates, "kube-admin"), host: "127.0.0.1" });

async function asked(
  method: string,
  path: string,
  { body, contentType = "application/json" }: { body?: object; contentType?: string } = {},
) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": contentType } };
  return raw(6443, { method, path, ...sent }, { tls: tls() });
}

const versionAt = async (path: string) => (await kube().request<KubeObject>("GET", path))?.metadata.resourceVersion;

let made = 0;

/** One that goes with the test; returns its name. */
async function aConfigMap(data: object, labels: object = {}): Promise<string> {
  made += 1;
  const name = `contract-${made}`;
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, data };
  onTestFinished(async () => kube().delete(`${configMaps}/${name}`));
  expect((await asked("POST", configMaps, { body })).status).toBe(201);
  return name;
}
