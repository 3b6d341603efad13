import { generateKeyPairSync } from "node:crypto";

import forge from "node-forge";

let made: { readonly cert: string; readonly key: string } | undefined;

/** The self-signed certificate that a controller manager or scheduler makes for its own port; one for the whole fleet. */
export function localTls(): { readonly cert: string; readonly key: string } {
  made ??= selfSigned();
  return made;
}

function selfSigned(): { readonly cert: string; readonly key: string } {
  // OpenSSL makes keys ten times faster than node-forge does.
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const key = forge.pki.privateKeyFromPem(privateKey);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  certificate.serialNumber = "01";
  certificate.validity.notBefore = new Date("2020-01-01");
  certificate.validity.notAfter = new Date("2099-01-01");
  const subject = [{ name: "commonName", value: "localhost" }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.sign(key, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: privateKey };
}
