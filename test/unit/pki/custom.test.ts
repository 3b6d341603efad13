import { describe, expect, it } from "vitest";

import type { Bundle } from "../../../provider/pki/bundle.ts";
import {
  checkCustomBundle,
  customAuthority,
  customBundle,
  type GivenCertificate,
} from "../../../provider/pki/custom.ts";
import { describeBundle } from "../../../provider/pki/describe.ts";
import { issueAuthority } from "../../../provider/pki/issue.ts";
import { Secret } from "../../../provider/secrets.ts";
import { aBundle, aHost, aSubject, daysLater, NOW, pooledKeys } from "./world.ts";

type Given = Readonly<Record<string, GivenCertificate>>;

/** A bundle in the form in which a person has it, with changes; undefined takes a certificate out. */
function asGiven(bundle: Bundle, changes: Readonly<Record<string, GivenCertificate | undefined>> = {}): Given {
  const entries = Object.values(bundle).map(({ name, certificate, key }): [string, GivenCertificate] => [
    name,
    key === undefined ? { certificate } : { certificate, key },
  ]);
  const all: [string, GivenCertificate | undefined][] = [...entries, ...Object.entries(changes)];
  const merged = new Map(all);
  return Object.fromEntries([...merged].flatMap(([name, given]) => (given === undefined ? [] : [[name, given]])));
}

function given(bundle: Bundle, name: string): GivenCertificate {
  const found = asGiven(bundle)[name];
  if (found === undefined) {
    throw new Error(`There is no certificate "${name}"`);
  }
  return found;
}

describe("customAuthority()", () => {
  async function aCa(now = NOW) {
    const key = await pooledKeys()("ca");
    return { certificate: issueAuthority("corporate", key, { now }), key };
  }

  it("customAuthority() takes a CA with its key", async () => {
    const ca = await aCa();

    const authority = customAuthority(ca, { name: "kube-ca", now: NOW });

    expect(authority.certificate).toBe(ca.certificate);
    expect(authority.key.unwrap()).toBe(ca.key.unwrap());
  });

  it.each([
    ["is no CA", async () => given(await aBundle(), "kube-node"), "it is not the certificate of a CA"],
    ["has expired", () => aCa(daysLater(-3651)), "it expired on 2026-11-20"],
    ["is not valid yet", () => aCa(daysLater(2)), "it is valid from 2026-11-23T07:00:00.000Z only"],
    [
      "has another key",
      async () => ({ ...(await aCa()), key: given(await aBundle(), "kube-node").key }),
      "the private key belongs to another certificate",
    ],
    ["cannot be read", async () => ({ ...(await aCa()), certificate: "what?" }), "it is not an X.509 certificate"],
    [
      "has a key that cannot be read",
      async () => ({ ...(await aCa()), key: new Secret("what?") }),
      "it is not a private key",
    ],
  ])("customAuthority() refuses a CA that %s", async (_, make, because) => {
    const { certificate, key = new Secret("") } = await make();

    expect(() => customAuthority({ certificate, key }, { name: "kube-ca", now: NOW })).toThrow(
      expect.objectContaining({ code: "config", message: expect.stringContaining(because) }),
    );
  });
});

describe("customBundle()", () => {
  it("customBundle() takes a whole set, without the key of the CA, and adds the kubeconfigs", async () => {
    const bundle = await aBundle();
    const { certificate } = given(bundle, "kube-ca");

    const taken = customBundle(aSubject(), asGiven(bundle, { "kube-ca": { certificate } }), { now: NOW });

    const expected = describeBundle(bundle);
    expect(describeBundle(taken)).toEqual({ ...expected, "kube-ca": { ...expected["kube-ca"], hasKey: false } });
  });

  it("customBundle() says everything that is wrong at once", async () => {
    const bundle = await aBundle();
    const broken = asGiven(bundle, { "kube-scheduler": undefined, "kube-proxy": { certificate: "what?" } });

    expect(() => customBundle(aSubject(), broken, { now: NOW })).toThrow(
      'Cannot use the given certificates: "kube-scheduler": it is missing; "kube-proxy": it is not an X.509 certificate',
    );
  });
});

describe("checkCustomBundle()", () => {
  it("checkCustomBundle() lets kube-ca stand in for the request-header CA", async () => {
    const bundle = await aBundle();
    const changes = {
      "kube-apiserver-requestheader-ca": undefined,
      "kube-apiserver-proxy-client": given(bundle, "kube-scheduler"),
    };

    expect(checkCustomBundle(aSubject(), asGiven(bundle, changes), { now: NOW })).toEqual([]);
  });

  it("checkCustomBundle() takes a service account certificate from anywhere, as long as its key is there", async () => {
    const bundle = await aBundle();
    const selfSigned = given(bundle, "kube-apiserver-requestheader-ca");

    const findings = checkCustomBundle(aSubject(), asGiven(bundle, { "kube-service-account-token": selfSigned }), {
      now: NOW,
    });

    expect(findings).toEqual([]);
  });

  it("checkCustomBundle() does not mind more names than are needed", async () => {
    const bundle = await aBundle(aSubject({ sans: ["extra.example"] }));

    expect(checkCustomBundle(aSubject(), asGiven(bundle), { now: NOW })).toEqual([]);
  });

  it.each([
    ["kube-ca", () => undefined, "it is missing"],
    ["kube-etcd-10-0-0-2", () => undefined, "it is missing"],
    ["kube-service-account-token", () => undefined, "it is missing"],
    ["kube-node", ({ certificate }: GivenCertificate) => ({ certificate }), "its private key is missing"],
    [
      "kube-service-account-token",
      ({ certificate }: GivenCertificate) => ({ certificate }),
      "its private key is missing",
    ],
  ])("checkCustomBundle() names %s", async (name, change, because) => {
    const bundle = await aBundle();

    const findings = checkCustomBundle(aSubject(), asGiven(bundle, { [name]: change(given(bundle, name)) }), {
      now: NOW,
    });

    expect(findings).toContainEqual({ name, because });
  });

  it("checkCustomBundle() compares signatures, where RKE compares names", async () => {
    const bundle = await aBundle();
    const { key = new Secret("") } = given(bundle, "kube-scheduler");
    const otherCa = { certificate: issueAuthority("kube-ca", key, { now: NOW }), key };

    const findings = checkCustomBundle(aSubject(), asGiven(bundle, { "kube-ca": otherCa }), { now: NOW });

    expect(findings).toContainEqual({ name: "kube-node", because: 'it is not signed by "kube-ca"' });
  });

  it("checkCustomBundle() finds a key that belongs to another certificate", async () => {
    const bundle = await aBundle();
    const mixed = { ...given(bundle, "kube-node"), key: given(bundle, "kube-proxy").key ?? new Secret("") };

    const findings = checkCustomBundle(aSubject(), asGiven(bundle, { "kube-node": mixed }), { now: NOW });

    expect(findings).toEqual([{ name: "kube-node", because: "the private key belongs to another certificate" }]);
  });

  it("checkCustomBundle() finds names that are lacking", async () => {
    const bundle = await aBundle();

    const findings = checkCustomBundle(
      aSubject({ controlPlane: [...aSubject().controlPlane, aHost("10.0.0.9", { hostnameOverride: "cp-4" })] }),
      asGiven(bundle),
      { now: NOW },
    );

    expect(findings).toEqual([{ name: "kube-apiserver", because: 'it lacks "cp-4", "10.0.0.9"' }]);
  });

  it("checkCustomBundle() finds what has expired, but for service accounts", async () => {
    const findings = checkCustomBundle(aSubject(), asGiven(await aBundle()), { now: daysLater(3651) });

    expect(findings).toHaveLength(Object.keys(await aBundle()).length - 1);
    expect(findings).toContainEqual({ name: "kube-node", because: "it expired on 2036-11-18" });
  });
});
