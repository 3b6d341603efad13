import { createServer } from "node:https";
import { describe, expect, it } from "vitest";

import type { Kube } from "../../../provider/hosts/kube.ts";
import { aHost, aServer, handTo, listener, type Route, type Seen } from "./a-machine.ts";
import { aCertificate, anAuthority } from "./certificates.ts";

const authority = anAuthority();
const serving = aCertificate("kube-apiserver", authority);
const admin = aCertificate("kube-admin", authority);

async function aKube(route: Route, { as = admin } = {}): Promise<{ kube: Kube; seen: Seen[]; ports: number[] }> {
  const seen: Seen[] = [];
  const ports: number[] = [];
  const api = createServer({ ...serving, requestCert: true, rejectUnauthorized: true }, listener(route, seen));
  const server = await aServer({
    directTcpip: (_host, port) => {
      ports.push(port);
      return handTo(api);
    },
  });
  return { kube: aHost(server).kube(as), seen, ports };
}

const says = (status: number, message = "it said so") => ({ status, json: { kind: "Status", message } });

describe("Kube", () => {
  it("lists the nodes through port 6443 of the machine itself", async () => {
    const { kube, seen, ports } = await aKube(() => ({ json: { items: [{ metadata: { name: "node-1" } }] } }));

    const nodes = await kube.nodes();

    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(["node-1"]);
    expect(seen).toMatchObject([{ method: "GET", url: "/api/v1/nodes" }]);
    expect(ports).toEqual([6443]);
  });

  it("has no node where the server says 404", async () => {
    const { kube } = await aKube(() => says(404));

    expect(await kube.node("node-9")).toBeUndefined();
  });

  it("patches a node with a merge patch", async () => {
    const { kube, seen } = await aKube(() => ({ json: {} }));

    await kube.patchNode("node-1", { spec: { unschedulable: true } });

    expect(seen).toMatchObject([
      {
        method: "PATCH",
        url: "/api/v1/nodes/node-1",
        headers: { "content-type": "application/merge-patch+json" },
        body: '{"spec":{"unschedulable":true}}',
      },
    ]);
  });

  it("applies an object on the server's side", async () => {
    const { kube, seen } = await aKube(() => ({ status: 201, json: { kind: "ConfigMap" } }));
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "coredns" }, data: { Corefile: ".:53" } };
    const path = "/api/v1/namespaces/kube-system/configmaps/coredns";

    await kube.apply(path, object, { fieldManager: "pulumi-rke", force: true });

    expect(seen).toMatchObject([
      {
        method: "PATCH",
        url: `${path}?fieldManager=pulumi-rke&force=true`,
        headers: { "content-type": "application/apply-patch+yaml" },
      },
    ]);
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual(object);
  });

  it("says that there is no such resource to apply to", async () => {
    const { kube } = await aKube(() => says(404));
    const object = { apiVersion: "x/v1", kind: "Thing", metadata: { name: "a" } };

    const applying = kube.apply("/apis/x/v1/things/a", object, { fieldManager: "pulumi-rke" });

    await expect(applying).rejects.toThrow("the API server knows no resource at /apis/x/v1/things/a");
  });

  it("takes a deletion of what is gone as done", async () => {
    const { kube } = await aKube(() => says(404));

    await expect(kube.deleteNode("node-9")).resolves.toBeUndefined();
  });

  it("lists the pods of one node", async () => {
    const { kube, seen } = await aKube(() => ({ json: { items: [] } }));

    await kube.podsOn("node-1");

    expect(seen[0]?.url).toBe("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1");
  });

  it.each([
    [201, "evicted"],
    [404, "gone"],
    [409, "gone"],
    [429, "held by a disruption budget"],
  ])("takes %i as the answer to an eviction", async (status, outcome) => {
    const { kube, seen } = await aKube(() => says(status));

    const answer = await kube.evict({ name: "web", namespace: "default", uid: "u1" }, { gracePeriodSeconds: 30 });

    expect(answer).toBe(outcome);
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "web", namespace: "default" },
      deleteOptions: { gracePeriodSeconds: 30, preconditions: { uid: "u1" } },
    });
  });

  it.each([
    [200, "ok", { ready: true, answer: "ok" }],
    [500, "[-]etcd failed", { ready: false, answer: "[-]etcd failed" }],
  ])("takes %i as the answer to readyz", async (status, text, answer) => {
    const { kube } = await aKube(() => ({ status, text }));

    expect(await kube.readyz()).toEqual(answer);
  });

  it("lists leases", async () => {
    const { kube, seen } = await aKube(() => ({ json: { items: [{ metadata: { name: "node-1" }, spec: {} }] } }));

    expect(await kube.leases("kube-node-lease")).toHaveLength(1);
    expect(seen[0]?.url).toBe("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases");
  });

  it.each([
    [401, false],
    [403, false],
    [409, false],
    [503, true],
  ])("explains a %i, passing: %s", async (status, transient) => {
    const { kube } = await aKube(() => says(status));

    const calling = kube.nodes();

    await expect(calling).rejects.toThrowErrorMatchingSnapshot();
    await expect(calling).rejects.toMatchObject({ code: "kube", transient });
  });

  it("does not talk to a server of another cluster", async () => {
    const { kube } = await aKube(() => ({ json: {} }), { as: aCertificate("kube-admin", anAuthority()) });

    await expect(kube.nodes()).rejects.toMatchObject({ code: "kube", transient: false });
  });

  it("says that nothing answers on the port", async () => {
    const server = await aServer({ directTcpip: () => ({ refuse: "failed", text: "Connection refused" }) });

    const calling = aHost(server).kube(admin).nodes();

    await expect(calling).rejects.toThrowErrorMatchingSnapshot();
    await expect(calling).rejects.toMatchObject({ code: "ssh", transient: true });
  });

  it("says that sshd forwards no ports", async () => {
    const server = await aServer();

    const calling = aHost(server).kube(admin).nodes();

    await expect(calling).rejects.toThrowErrorMatchingSnapshot();
    await expect(calling).rejects.toMatchObject({ code: "ssh", transient: false });
  });

  it("calls a connection that is lost during a call passing", async () => {
    const drop: { now?: () => void } = {};
    const api = createServer({ ...serving }, () => drop.now?.());
    const server = await aServer({ directTcpip: () => handTo(api) });
    drop.now = server.drop;

    await expect(aHost(server).kube(admin).nodes()).rejects.toMatchObject({ transient: true });
  });

  it("stops when the signal says so", async () => {
    const stop = new AbortController();
    const api = createServer({ ...serving }, () => stop.abort(new Error("enough")));
    const server = await aServer({ directTcpip: () => handTo(api) });

    const calling = aHost(server).kube(admin).nodes({ signal: stop.signal });

    await expect(calling).rejects.toThrow("enough");
  });
});
