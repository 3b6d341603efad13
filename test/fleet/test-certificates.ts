import { generateKeyPairSync } from "node:crypto";

import forge from "node-forge";

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  /** DNS names and IP addresses. */
  readonly names?: readonly string[];
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

/** Certificates for tests that need a cluster and not the product's own PKI. */
export interface TestAuthority extends KeyPair {
  issue(subject: Subject): KeyPair;
}

export function testAuthority(commonName = "kube-ca"): TestAuthority {
  const key = newKey();
  const ca = signed({ commonName }, { key, issuer: { commonName, key }, isAuthority: true });
  // One key for all leaves: making keys is what takes time, and nothing here looks at them.
  const leafKey = newKey();
  return {
    ...ca,
    issue: (subject) => signed(subject, { key: leafKey, issuer: { commonName, key }, isAuthority: false }),
  };
}

interface Signing {
  readonly key: string;
  readonly issuer: { readonly commonName: string; readonly key: string };
  readonly isAuthority: boolean;
}

let serial = 0;

function signed(subject: Subject, { key, issuer, isAuthority }: Signing): KeyPair {
  const own = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(own.n, own.e);
  serial += 1;
  // A leading zero byte would be no valid ASN.1 integer.
  certificate.serialNumber = `01${serial.toString(16).padStart(6, "0")}`;
  certificate.validity.notBefore = subject.validFrom ?? new Date("2020-01-01");
  certificate.validity.notAfter = subject.validTo ?? new Date("2099-01-01");
  certificate.setSubject([
    { name: "commonName", value: subject.commonName },
    ...(subject.organization === undefined ? [] : [{ name: "organizationName", value: subject.organization }]),
  ]);
  certificate.setIssuer([{ name: "commonName", value: issuer.commonName }]);
  const altNames = (subject.names ?? []).map((name) =>
    /^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name },
  );
  certificate.setExtensions([
    { name: "basicConstraints", cA: isAuthority },
    isAuthority
      ? { name: "keyUsage", keyCertSign: true, digitalSignature: true }
      : { name: "extKeyUsage", serverAuth: true, clientAuth: true },
    ...(altNames.length === 0 ? [] : [{ name: "subjectAltName", altNames }]),
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(issuer.key), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key };
}

const newKey = (): string =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  }).privateKey;
