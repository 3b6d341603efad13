import { describe, expect, it } from "vitest";

import type { Bundle, BundleCertificate } from "../../../provider/pki/bundle.ts";
import { issueAuthority, issueLeaf } from "../../../provider/pki/issue.ts";
import { type CertificateSpec, certificatesFor } from "../../../provider/pki/names.ts";
import { reissues } from "../../../provider/pki/reissues.ts";
import type { Secret } from "../../../provider/secrets.ts";
import { aBundle, aSubject, daysLater, NOW, without } from "./world.ts";

function change(bundle: Bundle, name: string, changes: Partial<BundleCertificate>): Bundle {
  return { ...bundle, [name]: { ...bundle[name], ...changes } as BundleCertificate };
}

function keyOf(bundle: Bundle, name: string): Secret<string> {
  const key = bundle[name]?.key;
  if (key === undefined) {
    throw new Error(`The bundle has no key for "${name}"`);
  }
  return key;
}

function specOf(name: string): CertificateSpec {
  const spec = certificatesFor(aSubject()).find((candidate) => candidate.name === name);
  if (spec === undefined) {
    throw new Error(`There is no certificate "${name}"`);
  }
  return spec;
}

describe("reissues()", () => {
  it("reissues() lists everything for a new cluster", () => {
    const subject = aSubject();

    const names = reissues(subject, undefined, NOW).map(({ name }) => name);

    expect(names).toEqual(certificatesFor(subject).map(({ name }) => name));
  });

  it("reissues() is empty for a bundle that fits", async () => {
    expect(reissues(aSubject(), await aBundle(), NOW)).toEqual([]);
  });

  it.each(["kube-node", "kube-admin", "kube-etcd-10-0-0-2", "kube-service-account-token"])(
    "reissues() names %s when it is missing",
    async (name) => {
      const bundle = without(await aBundle(), name);

      expect(reissues(aSubject(), bundle, NOW)).toEqual([{ name, because: "it is missing" }]);
    },
  );

  it.each(["kube-node", "kube-service-account-token"])("reissues() names %s when its key is missing", async (name) => {
    const bundle = change(await aBundle(), name, { key: undefined });

    expect(reissues(aSubject(), bundle, NOW)).toEqual([{ name, because: "its key is missing" }]);
  });

  it("reissues() names what another CA of the same name signed", async () => {
    const bundle = await aBundle();
    const otherKey = keyOf(bundle, "kube-scheduler");
    const authority = { certificate: issueAuthority("kube-ca", otherKey, { now: NOW }), key: otherKey };
    const foreign = issueLeaf(specOf("kube-node"), keyOf(bundle, "kube-node"), { authority, serial: 7n, now: NOW });

    const found = reissues(aSubject(), change(bundle, "kube-node", { certificate: foreign }), NOW);

    expect(found).toEqual([{ name: "kube-node", because: "it is not signed by the kube-ca of this cluster" }]);
  });

  it("reissues() says which names are too few and which too many", async () => {
    const bundle = await aBundle(aSubject({ sans: ["old.example"] }));

    const found = reissues(aSubject({ sans: ["new.example"] }), bundle, NOW);

    expect(found).toEqual([
      { name: "kube-apiserver", because: 'it lacks "new.example" and it still names "old.example"' },
    ]);
  });

  it("reissues() sees a changed hostname in a kubelet's serving certificate", async () => {
    const bundle = await aBundle(aSubject({ servesKubelets: true }));
    const all = aSubject().all.map((host, i) => (i === 0 ? { ...host, hostnameOverride: "renamed" } : host));

    const found = reissues(aSubject({ servesKubelets: true, all }), bundle, NOW);

    expect(found).toEqual([{ name: "kube-kubelet-10-0-0-1", because: 'it lacks "renamed"' }]);
  });
});

describe("reissues() and the calendar", () => {
  /**
   * A cluster whose kube-node ends after 350 days, long before its CA. The CA of another date with the same key issues
   * it: its signature is as good.
   */
  async function withShortLivedNode(): Promise<Bundle> {
    const bundle = await aBundle();
    const key = keyOf(bundle, "kube-ca");
    const then = daysLater(-3300);
    const authority = { certificate: issueAuthority("kube-ca", key, { now: then }), key };
    const old = issueLeaf(specOf("kube-node"), keyOf(bundle, "kube-node"), { authority, serial: 7n, now: then });
    return change(bundle, "kube-node", { certificate: old });
  }

  it.each([
    [319, []],
    [321, [{ name: "kube-node", because: "it expires on 2027-11-06" }]],
    [351, [{ name: "kube-node", because: "it expired on 2027-11-06" }]],
  ])("reissues() after %i days finds %j", async (days, expected) => {
    const bundle = await withShortLivedNode();

    expect(reissues(aSubject(), bundle, daysLater(days))).toEqual(expected);
  });

  it("reissues() looks as far ahead as it is told", async () => {
    const bundle = await withShortLivedNode();

    const found = reissues(aSubject(), bundle, NOW, { renewBeforeDays: 351 });

    expect(found.map(({ name }) => name)).toEqual(["kube-node"]);
  });

  it("reissues() asks for nothing when only a new CA could help", async () => {
    const bundle = await aBundle();

    expect(reissues(aSubject(), bundle, daysLater(3649))).toEqual([]);
  });
});
