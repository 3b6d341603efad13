import { load } from "js-yaml";
import { describe, expect, it } from "vitest";

import { unknownValue } from "../../../provider/config/unknowns.ts";
import type { Properties } from "../../../provider/resources/handler.ts";
import { identityHandler } from "../../../provider/resources/identity.ts";
import { aBundle, DAY_MS } from "../pki/world.ts";
import { surroundings } from "./surroundings.ts";

const given = { __provider: "text" };

async function anIdentity(inputs: Properties = {}) {
  const handler = identityHandler(surroundings());
  const { id, outs } = await handler.create({ news: { ...given, ...inputs } });
  return { handler, id, outs };
}

const serverIn = (kubeconfig: unknown): unknown =>
  (load(String(kubeconfig)) as { clusters: { cluster: { server: string } }[] }).clusters[0]?.cluster.server;

describe("create()", () => {
  it("makes the keys that belong to no machine", async () => {
    const { outs } = await anIdentity();

    expect(Object.keys(JSON.parse(String(outs.bundle)))).toEqual([
      "kube-admin",
      "kube-apiserver-requestheader-ca",
      "kube-ca",
      "kube-service-account-token",
    ]);
  });

  it.each([
    ["k8s.example.com", "https://k8s.example.com:6443"],
    ["k8s.example.com:8443", "https://k8s.example.com:8443"],
    ["https://k8s.example.com/one", "https://k8s.example.com/one"],
    ["fd00::1", "https://[fd00::1]:6443"],
    [undefined, "https://127.0.0.1:6443"],
  ])("leads the kubeconfig to the server %s", async (server, url) => {
    const { outs } = await anIdentity({ server });

    expect(serverIn(outs.kubeconfig)).toBe(url);
  });

  it("issues from the CA that was given", async () => {
    const { "kube-ca": ca } = await aBundle();
    const customCa = { certificate: ca?.certificate, key: ca?.key?.unwrap() };

    const { outs } = await anIdentity({ customCa });

    expect(outs.caCertificate).toBe(ca?.certificate);
  });

  it("refuses a CA whose key belongs to another one", async () => {
    const bundle = await aBundle();
    const customCa = { certificate: bundle["kube-ca"]?.certificate, key: bundle["kube-admin"]?.key?.unwrap() };

    await expect(anIdentity({ customCa })).rejects.toThrow("the private key belongs to another certificate");
  });
});

describe("check()", () => {
  const handler = identityHandler(surroundings());

  it("refuses another CA for an identity that is there", async () => {
    const news = { customCa: { certificate: "a", key: "b" } };

    const { failures } = await handler.check({ olds: given, news });

    expect(failures).toEqual([{ property: "customCa", reason: expect.stringContaining("cannot be changed") }]);
  });

  it("says nothing about a CA that is not known yet", async () => {
    const { failures } = await handler.check({ olds: {}, news: { customCa: unknownValue } });

    expect(failures).toEqual([]);
  });
});

describe("diff()", () => {
  it("finds nothing to do when nothing has changed", async () => {
    const { handler, id, outs } = await anIdentity({ server: "a" });

    expect(await handler.diff({ id, olds: outs, news: { ...given, server: "a" } })).toEqual({ changes: false });
  });

  it("renews nothing near the end of the CA, with which all else ends", async () => {
    const { id, outs } = await anIdentity();
    const later = identityHandler(surroundings({ clock: () => new Date(Date.now() + 3640 * DAY_MS) }));

    const { changes } = await later.diff({ id, olds: outs, news: given });

    expect(changes).toBe(false);
  });
});

describe("update()", () => {
  it("keeps every key and leads the kubeconfig to another server", async () => {
    const { handler, id, outs } = await anIdentity({ server: "a" });

    const { outs: after } = await handler.update({ id, olds: outs, news: { ...given, server: "b" } });

    expect(after.bundle).toBe(outs.bundle);
    expect(serverIn(after.kubeconfig)).toBe("https://b:6443");
  });
});
