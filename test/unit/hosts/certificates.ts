import forge from "node-forge";

import type { ClientCertificate } from "../../../provider/hosts/tls-client.ts";

export interface Authority {
  readonly pem: string;
  readonly certificate: forge.pki.Certificate;
  readonly key: forge.pki.rsa.PrivateKey;
}

/** A certificate authority for one test file. */
export function anAuthority(): Authority {
  const { certificate, key } = issue("kube-ca", { authority: undefined });
  return { certificate, key, pem: forge.pki.certificateToPem(certificate) };
}

/** A certificate for 127.0.0.1, good for servers and clients. */
export function aCertificate(name: string, authority: Authority): ClientCertificate {
  const { certificate, key } = issue(name, { authority });
  return {
    ca: authority.pem,
    cert: forge.pki.certificateToPem(certificate),
    key: forge.pki.privateKeyToPem(key),
  };
}

function issue(name: string, { authority }: { authority: Authority | undefined }) {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = forge.util.bytesToHex(forge.random.getBytesSync(8)).replace(/^./, "1");
  certificate.validity.notBefore = new Date("2020-01-01T00:00:00Z");
  certificate.validity.notAfter = new Date("2120-01-01T00:00:00Z");
  certificate.setSubject([{ name: "commonName", value: name }]);
  certificate.setIssuer(authority?.certificate.subject.attributes ?? [{ name: "commonName", value: name }]);
  certificate.setExtensions([
    { name: "basicConstraints", cA: authority === undefined },
    { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
  ]);
  certificate.sign(authority?.key ?? keys.privateKey, forge.md.sha256.create());
  return { certificate, key: keys.privateKey };
}
