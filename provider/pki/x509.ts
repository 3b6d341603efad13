import forge from "node-forge";

import { RkeError } from "../errors.ts";
import { ipText } from "../ip-address.ts";
import type { Sans } from "./sans.ts";

/** What a certificate says. */
export interface CertificateFacts {
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  /** The subject as it is written; what a CA signs has to repeat it byte for byte. */
  readonly subjectDer: Uint8Array;
  readonly isSelfIssued: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly sans: Sans;
  readonly keyUsage: readonly string[];
  readonly extKeyUsage: readonly string[];
  readonly isCa: boolean;
  readonly hasBasicConstraints: boolean;
  /** Undefined where the certificate leaves it out, as those of old Go versions do. */
  readonly subjectKeyId: Uint8Array | undefined;
  readonly signatureAlgorithm: string;
  readonly publicKeyBits: number;
}

export interface DistinguishedName {
  readonly commonName: string | undefined;
  readonly organizations: readonly string[];
}

/** Reads the first certificate of a PEM text. `what` names it in errors. Only RSA keys: RKE knows no others. */
export function readCertificate(pem: string, what: string): CertificateFacts {
  const certificate = parse(pem, what);
  const { subjectDer, issuerDer } = rawNames(certificate);
  const basic = certificate.getExtension("basicConstraints") as { cA?: boolean } | null;
  const keyId = certificate.getExtension("subjectKeyIdentifier") as { subjectKeyIdentifier: string } | null;
  return {
    subject: nameFrom(certificate.subject.attributes),
    issuer: nameFrom(certificate.issuer.attributes),
    subjectDer,
    isSelfIssued: Buffer.compare(subjectDer, issuerDer) === 0,
    notBefore: certificate.validity.notBefore,
    notAfter: certificate.validity.notAfter,
    sans: sansFrom(certificate),
    keyUsage: usagesFrom(certificate, "keyUsage", KEY_USAGES),
    extKeyUsage: usagesFrom(certificate, "extKeyUsage", EXT_KEY_USAGES),
    isCa: basic?.cA === true,
    hasBasicConstraints: basic !== null,
    subjectKeyId: keyId === null ? undefined : Buffer.from(keyId.subjectKeyIdentifier, "hex"),
    signatureAlgorithm: SIGNATURE_ALGORITHMS[certificate.signatureOid] ?? certificate.signatureOid,
    publicKeyBits: (certificate.publicKey as forge.pki.rsa.PublicKey).n.bitLength(),
  };
}

const OID = { commonName: "2.5.4.3", organization: "2.5.4.10" } as const;

/** Go's names for the algorithms that occur. */
const SIGNATURE_ALGORITHMS: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.5": "SHA1-RSA",
  "1.2.840.113549.1.1.11": "SHA256-RSA",
  "1.2.840.113549.1.1.12": "SHA384-RSA",
  "1.2.840.113549.1.1.13": "SHA512-RSA",
};

const KEY_USAGES = ["digitalSignature", "keyEncipherment", "keyAgreement", "keyCertSign", "cRLSign"];
const EXT_KEY_USAGES = ["clientAuth", "serverAuth"];

function parse(pem: string, what: string): forge.pki.Certificate {
  try {
    return forge.pki.certificateFromPem(pem);
  } catch (cause) {
    throw new RkeError(
      "config",
      { doing: `read ${what}`, because: "it is not an X.509 certificate with an RSA key in PEM form" },
      { cause },
    );
  }
}

/** The names as bytes. Certificates of version 1 leave the version out, and everything moves up by one. */
function rawNames({ tbsCertificate }: forge.pki.Certificate): { subjectDer: Uint8Array; issuerDer: Uint8Array } {
  const { asn1 } = forge;
  const fields = Array.isArray(tbsCertificate.value) ? tbsCertificate.value : [];
  const first = fields[0]?.tagClass === asn1.Class.CONTEXT_SPECIFIC ? 1 : 0;
  const bytesOf = (field: forge.asn1.Asn1 | undefined) =>
    field === undefined ? new Uint8Array() : Buffer.from(asn1.toDer(field).getBytes(), "latin1");
  return { issuerDer: bytesOf(fields[first + 2]), subjectDer: bytesOf(fields[first + 4]) };
}

function nameFrom(attributes: readonly forge.pki.CertificateField[]): DistinguishedName {
  const values = (type: string) =>
    attributes.filter((attribute) => attribute.type === type).map(({ value }) => fromUtf8(String(value)));
  return { commonName: values(OID.commonName)[0], organizations: values(OID.organization) };
}

function sansFrom(certificate: forge.pki.Certificate): Sans {
  const found = certificate.getExtension("subjectAltName") as { altNames?: { type: number; value: string }[] } | null;
  const values = (type: number) =>
    (found?.altNames ?? []).filter((name) => name.type === type).map(({ value }) => value);
  return { dnsNames: values(2), ipAddresses: values(7).map((bytes) => ipText([...Buffer.from(bytes, "latin1")])) };
}

function usagesFrom(certificate: forge.pki.Certificate, name: string, known: readonly string[]): readonly string[] {
  const found = certificate.getExtension(name) as Readonly<Record<string, unknown>> | null;
  return known.filter((usage) => found?.[usage] === true);
}

/** forge keeps bytes in strings, one character each. */
function fromUtf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
