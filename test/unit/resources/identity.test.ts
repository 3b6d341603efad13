import { load } from "js-yaml";
import { describe, expect, it } from "vitest";

import { unknownValue } from "../../../provider/config/unknowns.ts";
import type { Bundle } from "../../../provider/pki/bundle.ts";
import { toRkeState } from "../../../provider/pki/rke-state.ts";
import type { Properties } from "../../../provider/resources/handler.ts";
import { identityHandler } from "../../../provider/resources/identity.ts";
import { identityText, readIdentity } from "../../../provider/resources/identity-bundle.ts";
import { aBundle, DAY_MS } from "../pki/world.ts";
import { withShortLived } from "./short-lived.ts";
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

describe("the end of kube-admin", () => {
  const now = new Date();

  async function near(days: number) {
    const { handler, id, outs } = await anIdentity();
    const bundle = withShortLived(readIdentity(String(outs.bundle)), "kube-admin", { now, days });
    const olds: Properties = { ...outs, bundle: identityText(bundle) };
    return { handler, id, olds };
  }

  it("is told in the preview, together with what is done about it", async () => {
    const world = surroundings();
    const { id, olds } = await near(20);

    const { changes } = await identityHandler(world).diff({ id, olds, news: given, preview: true });

    expect(changes).toBe(true);
    expect(world.lines).toEqual([expect.stringMatching(/^identity {2}certificates: kube-admin ends on .* issues/)]);
  });

  it("is not told again before the update", async () => {
    const world = surroundings();
    const { id, olds } = await near(20);

    const { changes } = await identityHandler(world).diff({ id, olds, news: given });

    expect(changes).toBe(true);
    expect(world.lines).toEqual([]);
  });

  it("brings another certificate for the same key, and another date", async () => {
    const { handler, id, olds } = await near(20);

    const { outs } = await handler.update({ id, olds, news: given });

    const [before, after] = [readIdentity(String(olds.bundle)), readIdentity(String(outs.bundle))];
    expect(after["kube-admin"]?.key?.unwrap()).toBe(before["kube-admin"]?.key?.unwrap());
    expect(after["kube-ca"]?.certificate).toBe(before["kube-ca"]?.certificate);
    expect(outs.kubeconfig).not.toBe(olds.kubeconfig);
    expect(Date.parse(String(outs.expires)) - now.getTime()).toBeGreaterThan(3600 * DAY_MS);
    expect(await handler.diff({ id, olds: outs, news: given })).toEqual({ changes: false });
  });
});

describe("adopt", () => {
  const adopting = (bundle: Bundle) => ({
    adopt: { rkeState: JSON.stringify({ currentState: { certificatesBundle: toRkeState(bundle).unwrap() } }) },
  });

  it("takes over the keys of the cluster", async () => {
    const bundle = await aBundle();

    const { outs } = await anIdentity(adopting(bundle));

    expect(outs.caCertificate).toBe(bundle["kube-ca"]?.certificate);
    const { "kube-service-account-token": token } = readIdentity(String(outs.bundle));
    expect(token?.key?.unwrap()).toBe(bundle["kube-service-account-token"]?.key?.unwrap());
  });

  it("takes the key of kube-apiserver for tokens where the cluster has no other", async () => {
    const { "kube-service-account-token": _, ...bundle } = await aBundle();

    const { outs } = await anIdentity(adopting(bundle));

    const { "kube-service-account-token": token } = readIdentity(String(outs.bundle));
    expect(token?.key?.unwrap()).toBe(bundle["kube-apiserver"]?.key?.unwrap());
  });

  it("is refused beside a CA of one's own", async () => {
    const news = { ...adopting(await aBundle()), customCa: { certificate: "a", key: "b" } };

    const { failures } = await identityHandler(surroundings()).check({ olds: {}, news });

    expect(failures.map(({ property }) => property)).toEqual(["customCa"]);
  });

  it("is refused for an identity that is there already", async () => {
    const { handler, id, outs } = await anIdentity();
    const other = await aBundle();

    await expect(handler.diff({ id, olds: outs, news: { ...given, ...adopting(other) } })).rejects.toThrow(
      "has the CA of another cluster",
    );
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
