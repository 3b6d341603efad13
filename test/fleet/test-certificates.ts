import { constants, generateKeyPairSync, privateEncrypt } from "node:crypto";

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
  return {
    ...ca,
    issue(subject) {
      leafKey ??= newKey();
      return signed(subject, { key: leafKey, issuer: { commonName, key }, isAuthority: false });
    },
  };
}

/** One for all leaves: making keys is what takes time, and nothing here looks at them. */
let leafKey: string | undefined;

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
  certificate.sign(signer(issuer.key), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key };
}

/** Signs as forge's own keys do, PKCS#1 v1.5 over SHA-256, but not in JavaScript. */
function signer(key: string): forge.pki.rsa.PrivateKey {
  const sign = (md: forge.md.MessageDigest) => {
    const digestInfo = Buffer.concat([SHA256_DIGEST_INFO, Buffer.from(md.digest().getBytes(), "latin1")]);
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo).toString("latin1");
  };
  return { sign } as unknown as forge.pki.rsa.PrivateKey;
}

/** What stands before a SHA-256 digest that is signed. */
const SHA256_DIGEST_INFO = Buffer.from("3031300d060960864801650304020105000420", "hex");

const newKey = (): string =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  }).privateKey;
