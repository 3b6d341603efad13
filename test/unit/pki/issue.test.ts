import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalIp } from "../../../provider/ip-address.ts";
import { encodeName } from "../../../provider/pki/certificate-content.ts";
import { type Authority, issueAuthority, issueLeaf } from "../../../provider/pki/issue.ts";
import type { CertificateSpec } from "../../../provider/pki/names.ts";
import { readCertificate } from "../../../provider/pki/x509.ts";
import { daysLater, NOW, pooledKeys } from "./world.ts";

const SPEC: CertificateSpec = {
  name: "kube-apiserver",
  commonName: "kube-apiserver",
  signer: "kube-ca",
  isServer: true,
  sans: { dnsNames: [], ipAddresses: [] },
};

async function anAuthority({ now = NOW, commonName = "kube-ca" } = {}): Promise<Authority> {
  const key = await pooledKeys()("ca");
  return { certificate: issueAuthority(commonName, key, { now }), key };
}

async function aLeaf(spec: Partial<CertificateSpec>, { now = NOW, serial = 1n, authority = anAuthority() } = {}) {
  const key = await pooledKeys()("leaf");
  return issueLeaf({ ...SPEC, ...spec }, key, { authority: await authority, serial, now });
}

describe("issueAuthority()", () => {
  it("issueAuthority() starts an hour back, for clocks that are late, and lasts ten years", async () => {
    const { certificate } = await anAuthority();

    const { notBefore, notAfter } = readCertificate(certificate, "the CA");

    expect([notBefore.toISOString(), notAfter.toISOString()]).toEqual([
      "2026-11-21T07:00:00.000Z",
      "2036-11-18T07:00:00.000Z",
    ]);
  });

  it("issueAuthority() can end after 2049, where certificates write years in full", async () => {
    const { certificate } = await anAuthority({ now: new Date("2045-01-01T00:00:00.999Z") });

    expect(new X509Certificate(certificate).validTo).toBe("Dec 29 23:00:00 2054 GMT");
  });
});

describe("issueLeaf()", () => {
  it("issueLeaf() ends with the CA, not after it", async () => {
    const pem = await aLeaf({}, { now: daysLater(100) });

    expect(readCertificate(pem, "the leaf").notAfter.toISOString()).toBe("2036-11-18T07:00:00.000Z");
  });

  it("issueLeaf() refuses a CA that begins later", async () => {
    const attempt = aLeaf({}, { now: daysLater(-1) });

    await expect(attempt).rejects.toMatchObject({
      code: "unsafe",
      message: expect.stringContaining("its CA is valid from 2026-11-21T07:00:00.000Z only"),
    });
  });

  it("issueLeaf() repeats the CA's name byte for byte", async () => {
    const authority = await anAuthority({ commonName: "Überlandwerk *" });

    const pem = await aLeaf({}, { authority: Promise.resolve(authority) });

    expect(new X509Certificate(pem).checkIssued(new X509Certificate(authority.certificate))).toBe(true);
    expect(readCertificate(pem, "the leaf").issuer.commonName).toBe("Überlandwerk *");
  });

  it.each([127n, 128n, 255n, 2n ** 127n - 1n])("issueLeaf() writes serial %s as it is", async (serial) => {
    const pem = await aLeaf({}, { serial });

    expect(BigInt(`0x${new X509Certificate(pem).serialNumber}`)).toBe(serial);
  });

  it("issueLeaf() writes every name and address so that it is read back", async () => {
    const dnsNames = fc.array(fc.oneof(fc.domain(), fc.constantFrom("*.example.com", "under_score")), {
      maxLength: 30,
    });
    const ipAddresses = fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 30 });

    await fc.assert(
      fc.asyncProperty(fc.record({ dnsNames, ipAddresses }), async (sans) => {
        const { sans: found } = readCertificate(await aLeaf({ sans }), "the leaf");

        expect(found).toEqual({ dnsNames: sans.dnsNames, ipAddresses: sans.ipAddresses.map(canonicalIp) });
      }),
      { numRuns: 20 },
    );
  });

  it("issueLeaf() refuses a name that a certificate cannot hold", async () => {
    await expect(aLeaf({ sans: { dnsNames: ["münchen.example"], ipAddresses: [] } })).rejects.toThrow(
      'the name "münchen.example" has characters that a certificate cannot hold',
    );
  });

  it("issueLeaf() refuses an address that is none", async () => {
    await expect(aLeaf({ sans: { dnsNames: [], ipAddresses: ["10.0.0"] } })).rejects.toThrow(
      '"10.0.0" is not an IP address',
    );
  });
});

describe("encodeName()", () => {
  it("encodeName() puts the organisation first, both printable", () => {
    const name = Buffer.from(encodeName({ commonName: "b", organization: "a" })).toString("hex");

    expect(name).toBe("3018310a3008060355040a130161310a30080603550403130162");
  });
});
