import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type BundleCertificate, issueBundle } from "../../../provider/pki/bundle.ts";
import { customAuthority } from "../../../provider/pki/custom.ts";
import { describeBundle } from "../../../provider/pki/describe.ts";
import { issueAuthority } from "../../../provider/pki/issue.ts";
import { signatureCheck } from "../../../provider/pki/openssl.ts";
import { readCertificate } from "../../../provider/pki/x509.ts";
import { Secret } from "../../../provider/secrets.ts";
import {
  aBundle,
  aHost,
  aSubject,
  countedSerials,
  daysLater,
  fingerprints,
  issueOptions,
  NOW,
  pooledKeys,
  vectorSubject,
  without,
} from "./world.ts";

const HOSTS = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"].map((address) => aHost(address));

function pemOf(entry: BundleCertificate | undefined): string {
  return entry?.certificate ?? "";
}

describe("issueBundle() for a new cluster", () => {
  it("issueBundle() gives every certificate a key of its own", async () => {
    const bundle = await aBundle();

    const keys = Object.values(bundle).map(({ key }) => key?.unwrap());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("issueBundle() says of every certificate that the cluster is new", async () => {
    const { bundle, issued, dropped } = await issueBundle(aSubject(), issueOptions());

    expect(issued).toEqual(Object.keys(bundle).map((name) => ({ name, because: "the cluster is new" })));
    expect(dropped).toEqual([]);
  });

  it("issueBundle() asks for no more keys than there are certificates", async () => {
    const asked: string[] = [];
    const keys = pooledKeys();
    const counted = (name: string) => {
      asked.push(name);
      return keys(name);
    };

    const bundle = await aBundle(aSubject({ all: HOSTS }), { keys: counted });

    expect(asked).toEqual(Object.keys(bundle));
  });

  it("issueBundle() gives the same bytes for the same clock, serials and keys", async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
    const address = fc.oneof(fc.ipV4(), fc.ipV6(), name);
    const host = fc.record({ address, internalAddress: address, hostnameOverride: name });
    const subject = fc.record({
      controlPlane: fc.array(host, { minLength: 1, maxLength: 3 }),
      etcd: fc.uniqueArray(host, { maxLength: 3, selector: ({ internalAddress }) => internalAddress }),
      all: fc.uniqueArray(host, { maxLength: 3, selector: ({ internalAddress }) => internalAddress }),
      sans: fc.array(address),
      serviceIps: fc.array(fc.ipV4(), { minLength: 1, maxLength: 2 }),
      clusterDomain: fc.domain(),
      clusterName: fc.string(),
      servesKubelets: fc.boolean(),
    });

    await fc.assert(
      fc.asyncProperty(subject, async (wanted) => {
        const [first, second] = [await aBundle(wanted), await aBundle(wanted)];

        expect(fingerprints(second)).toEqual(fingerprints(first));
      }),
      { numRuns: 15 },
    );
  });

  it("issueBundle() issues nothing when run again on what it made", async () => {
    const subject = aSubject({ servesKubelets: true, sans: ["api.example.com", "2001:db8::1"] });
    const existing = await aBundle(subject);

    const { bundle, issued } = await issueBundle(subject, issueOptions({ existing }));

    expect(issued).toEqual([]);
    expect(fingerprints(bundle)).toEqual(fingerprints(existing));
  });
});

describe("issueBundle() for a cluster that exists", () => {
  it("issueBundle() issues kube-apiserver again with its old key when a control plane node joins", async () => {
    const existing = await aBundle();

    const { bundle, issued } = await issueBundle(
      aSubject({ controlPlane: HOSTS }),
      issueOptions({ existing, keys: () => Promise.reject(new Error("no key is needed")) }),
    );

    expect(issued).toEqual([{ name: "kube-apiserver", because: 'it lacks "10.0.0.4"' }]);
    expect(bundle["kube-apiserver"]?.key?.unwrap()).toBe(existing["kube-apiserver"]?.key?.unwrap());
  });

  it("issueBundle() writes the names of a certificate in RKE's order when it issues it again", async () => {
    const existing = await aBundle();

    const bundle = await aBundle(aSubject({ controlPlane: HOSTS.toReversed() }), { existing });

    expect(readCertificate(pemOf(bundle["kube-apiserver"]), "").sans.ipAddresses).toEqual([
      "10.0.0.4",
      "10.0.0.3",
      "10.0.0.2",
      "10.0.0.1",
      "127.0.0.1",
      "10.43.0.1",
    ]);
  });

  it("issueBundle() leaves kube-apiserver alone when only the order of the nodes changed", async () => {
    const existing = await aBundle(aSubject({ controlPlane: HOSTS }));

    const { issued } = await issueBundle(aSubject({ controlPlane: HOSTS.toReversed() }), issueOptions({ existing }));

    expect(issued).toEqual([]);
  });

  it("issueBundle() issues the new member's certificate and leaves the others alone when etcd grows", async () => {
    const existing = await aBundle();

    const { issued, bundle } = await issueBundle(aSubject({ etcd: HOSTS }), issueOptions({ existing }));

    expect(issued).toEqual([{ name: "kube-etcd-10-0-0-4", because: "it is missing" }]);
    expect(bundle["kube-etcd-10-0-0-1"]).toBe(existing["kube-etcd-10-0-0-1"]);
  });

  it("issueBundle() issues the certificate of a member again, with its key, when it does not name its own node", async () => {
    const existing = await aBundle();
    const moved = { ...aHost("10.0.0.1"), hostnameOverride: "etcd-1" };
    const etcd = [moved, ...aSubject().etcd.slice(1)];

    const { issued, bundle } = await issueBundle(aSubject({ etcd }), issueOptions({ existing }));

    expect(issued).toEqual([{ name: "kube-etcd-10-0-0-1", because: 'it lacks "etcd-1"' }]);
    expect(bundle["kube-etcd-10-0-0-1"]?.key?.unwrap()).toBe(existing["kube-etcd-10-0-0-1"]?.key?.unwrap());
  });

  it("issueBundle() drops the certificates of hosts that are gone, and says so", async () => {
    const existing = await aBundle(aSubject({ servesKubelets: true }));
    const [gone, ...rest] = aSubject().all;

    const { bundle, dropped } = await issueBundle(
      aSubject({ etcd: rest, all: rest, servesKubelets: true }),
      issueOptions({ existing }),
    );

    expect(gone?.address).toBe("10.0.0.1");
    expect(dropped).toEqual(["kube-etcd-10-0-0-1", "kube-kubelet-10-0-0-1"]);
    expect(Object.keys(bundle)).not.toContain("kube-etcd-10-0-0-1");
  });

  it("issueBundle() keeps a certificate it does not know", async () => {
    const bundle = await aBundle();
    const stranger = { name: "somebody-else", certificate: "not ours to read", key: undefined, kubeconfig: undefined };

    const { bundle: result } = await issueBundle(
      aSubject(),
      issueOptions({ existing: { ...bundle, "somebody-else": stranger } }),
    );

    expect(result["somebody-else"]).toBe(stranger);
  });

  it("issueBundle() keeps the keys that RKE shares", async () => {
    const existing = await aBundle(aSubject(), { policy: { keySharing: "rke" } });

    const bundle = await aBundle(aSubject({ controlPlane: HOSTS }), { existing });

    expect(describeBundle(bundle)["kube-node"]?.sameKeyAs).toEqual(["kube-proxy"]);
    expect(bundle["kube-service-account-token"]).toBe(existing["kube-service-account-token"]);
  });

  it("issueBundle() signs service account tokens with kube-apiserver's key where an old cluster has no other", async () => {
    const existing = without(await aBundle(), "kube-service-account-token");

    const bundle = await aBundle(aSubject(), { existing });

    expect(bundle["kube-service-account-token"]?.key?.unwrap()).toBe(existing["kube-apiserver"]?.key?.unwrap());
  });

  it("issueBundle() rewrites the admin kubeconfig, and no certificate, when another node is the first", async () => {
    const existing = await aBundle();

    const { bundle, issued } = await issueBundle(
      aSubject({ controlPlane: aSubject().controlPlane.toReversed() }),
      issueOptions({ existing }),
    );

    expect(issued).toEqual([]);
    expect(bundle["kube-admin"]?.kubeconfig?.text.unwrap()).toContain('"https://10.0.0.3:6443"');
  });

  it("issueBundle() issues from the CA at hand, not from its own idea of its name", async () => {
    const existing = await aBundle();

    const bundle = await aBundle(aSubject({ controlPlane: HOSTS }), { existing });

    expect(signatureCheck(pemOf(existing["kube-ca"]))(pemOf(bundle["kube-apiserver"]))).toBe(true);
  });

  it("issueBundle() gives a new certificate the start of its CA, and no later end", async () => {
    const existing = await aBundle();

    const bundle = await aBundle(aSubject({ controlPlane: HOSTS }), { existing, clock: () => daysLater(1000) });

    const [ca, leaf] = ["kube-ca", "kube-apiserver"].map((name) => readCertificate(pemOf(bundle[name]), name));
    expect([leaf?.notBefore, leaf?.notAfter]).toEqual([ca?.notBefore, ca?.notAfter]);
  });

  it("issueBundle() replaces the certificates of an external etcd when the configuration does", async () => {
    const subject = vectorSubject("etcd-external");
    const existing = await aBundle(subject);
    const { externalEtcd } = subject;
    const renewed = externalEtcd && { ...externalEtcd, ca: `${externalEtcd.ca}\n` };

    const { issued } = await issueBundle(
      { ...subject, ...(renewed && { externalEtcd: renewed }) },
      issueOptions({ existing }),
    );

    expect(issued).toEqual([{ name: "kube-etcd-client-ca", because: "the configuration names another one" }]);
  });
});

describe("issueBundle() and lost CAs", () => {
  it("issueBundle() refuses to make a second kube-ca", async () => {
    const existing = without(await aBundle(), "kube-ca");

    const attempt = issueBundle(aSubject(), issueOptions({ existing }));

    await expect(attempt).rejects.toMatchObject({ code: "unsafe", message: expect.stringContaining('"kube-ca"') });
  });

  it("issueBundle() refuses an empty bundle: that is a lost one, not a new cluster", async () => {
    const attempt = issueBundle(aSubject(), issueOptions({ existing: {} }));

    await expect(attempt).rejects.toMatchObject({ code: "unsafe" });
  });

  it("issueBundle() refuses to make a second request-header CA while its client is in use", async () => {
    const existing = without(await aBundle(), "kube-apiserver-requestheader-ca");

    const attempt = issueBundle(aSubject(), issueOptions({ existing }));

    await expect(attempt).rejects.toMatchObject({ code: "unsafe" });
  });

  it("issueBundle() makes the request-header CA that a cluster of RKE 0.1 never had", async () => {
    const existing = without(await aBundle(), "kube-apiserver-requestheader-ca", "kube-apiserver-proxy-client");

    const { issued } = await issueBundle(aSubject(), issueOptions({ existing }));

    expect(issued).toEqual([
      { name: "kube-apiserver-requestheader-ca", because: "it is missing" },
      { name: "kube-apiserver-proxy-client", because: "it is missing" },
    ]);
  });

  it("issueBundle() refuses to issue when the CA's key is lost, before it makes any other", async () => {
    const bundle = await aBundle();
    const existing = { ...bundle, "kube-ca": { ...bundle["kube-ca"], key: undefined } as BundleCertificate };
    const keys = () => Promise.reject(new Error("a key was made for nothing"));

    const attempt = issueBundle(aSubject({ etcd: HOSTS }), issueOptions({ existing, keys }));

    await expect(attempt).rejects.toMatchObject({
      code: "unsafe",
      message: expect.stringContaining('the private key of its CA "kube-ca" is missing'),
    });
  });

  it("issueBundle() needs no CA key when there is nothing to issue", async () => {
    const bundle = await aBundle();
    const existing = { ...bundle, "kube-ca": { ...bundle["kube-ca"], key: undefined } as BundleCertificate };

    const { issued } = await issueBundle(aSubject(), issueOptions({ existing }));

    expect(issued).toEqual([]);
  });

  it("issueBundle() refuses to replace the lost key of service account tokens", async () => {
    const bundle = await aBundle();
    const lost = { ...bundle["kube-service-account-token"], key: undefined } as BundleCertificate;

    const attempt = issueBundle(
      aSubject(),
      issueOptions({ existing: { ...bundle, "kube-service-account-token": lost } }),
    );

    await expect(attempt).rejects.toMatchObject({ code: "unsafe", message: expect.stringContaining("every token") });
  });

  it("issueBundle() finds the lost key of service account tokens where RKE shares it with kube-apiserver", async () => {
    const bundle = await aBundle(aSubject(), { policy: { keySharing: "rke" } });
    const lost = { ...bundle["kube-service-account-token"], key: undefined } as BundleCertificate;

    const found = await aBundle(aSubject(), { existing: { ...bundle, "kube-service-account-token": lost } });

    expect(fingerprints(found)).toEqual(fingerprints(bundle));
  });

  it("issueBundle() refuses to issue from a CA that has expired", async () => {
    const existing = await aBundle();

    const attempt = issueBundle(
      aSubject({ controlPlane: HOSTS }),
      issueOptions({ existing, clock: () => daysLater(3651) }),
    );

    await expect(attempt).rejects.toMatchObject({
      code: "unsafe",
      message: expect.stringContaining("expired on 2036-"),
    });
  });
});

describe("issueBundle() with a CA of the person's own", () => {
  async function anAuthority(commonName: string) {
    const key = await pooledKeys()(commonName);
    return customAuthority(
      { certificate: issueAuthority(commonName, key, { now: NOW }), key },
      { name: "kube-ca", now: NOW },
    );
  }

  it("issueBundle() issues everything from it", async () => {
    const kubeCa = await anAuthority("corporate");

    const bundle = await aBundle(aSubject(), { authorities: { kubeCa } });

    expect(bundle["kube-ca"]?.certificate).toBe(kubeCa.certificate);
    expect(describeBundle(bundle)["kube-apiserver"]?.certificate.issuerCN).toBe("corporate");
  });

  it("issueBundle() stays with it", async () => {
    const kubeCa = await anAuthority("corporate");
    const existing = await aBundle(aSubject(), { authorities: { kubeCa } });

    const { issued } = await issueBundle(aSubject(), issueOptions({ existing, authorities: { kubeCa } }));

    expect(issued).toEqual([]);
  });

  it("issueBundle() refuses it for a cluster that lives by another one", async () => {
    const kubeCa = await anAuthority("corporate");
    const existing = await aBundle();

    const attempt = issueBundle(aSubject(), issueOptions({ existing, authorities: { kubeCa } }));

    await expect(attempt).rejects.toMatchObject({ code: "unsafe" });
  });
});

describe("issueBundle() and what it is given for an external etcd", () => {
  it("issueBundle() refuses a key of another certificate", async () => {
    const subject = vectorSubject("etcd-external");
    const key = await pooledKeys()("another");
    const externalEtcd = subject.externalEtcd && { ...subject.externalEtcd, key };

    const attempt = issueBundle({ ...subject, ...(externalEtcd && { externalEtcd }) }, issueOptions());

    await expect(attempt).rejects.toMatchObject({ code: "config" });
  });

  it("issueBundle() names what it cannot read, and quotes nothing of it", async () => {
    const externalEtcd = { ca: "s3cret", cert: "s3cret", key: new Secret("s3cret") };

    const attempt = issueBundle(aSubject({ externalEtcd }), issueOptions({ serials: countedSerials() }));

    await expect(attempt).rejects.toThrow(
      "Cannot read the CA certificate of the external etcd: it is not an X.509 certificate with an RSA key in PEM form",
    );
  });
});
