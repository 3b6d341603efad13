import { RkeError } from "../errors.ts";
import { ipBytes } from "../ip-address.ts";
import * as der from "./der.ts";
import type { Sans } from "./sans.ts";

/** What a certificate is going to say. Names and keys are DER already. */
export interface CertificateContent {
  readonly serial: bigint;
  readonly issuerDer: Uint8Array;
  readonly subjectDer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly isCa: boolean;
  readonly extKeyUsage: readonly ("clientAuth" | "serverAuth")[];
  readonly sans: Sans;
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
}

/** Writes what gets signed, the TBSCertificate. Extensions stand in the order in which Go, and so RKE, writes them. */
export function encodeContent(content: CertificateContent): Uint8Array {
  return der.sequence(
    der.tagged(0, der.integer(VERSION_3), { constructed: true }),
    der.integer(content.serial),
    sha256WithRsa(),
    content.issuerDer,
    der.sequence(der.time(content.notBefore), der.time(content.notAfter)),
    content.subjectDer,
    content.spki,
    der.tagged(3, der.sequence(...extensions(content)), { constructed: true }),
  );
}

/** Joins what was signed and its signature, as PEM. */
export function toPem(content: Uint8Array, signature: Uint8Array): string {
  const certificate = der.sequence(content, sha256WithRsa(), der.bits(signature));
  const base64 = Buffer.from(certificate).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
}

/** Writes a name: the organisation before the common name, as Go does. */
export function encodeName({ commonName, organization }: { commonName: string; organization?: string }): Uint8Array {
  const part = (id: string, value: string) => der.setOf(der.sequence(der.objectId(id), der.text(value)));
  const organizations = organization === undefined ? [] : [part(OID.organization, organization)];
  return der.sequence(...organizations, part(OID.commonName, commonName));
}

const VERSION_3 = 2n;

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  sha256WithRsa: "1.2.840.113549.1.1.11",
} as const;

function sha256WithRsa(): Uint8Array {
  return der.sequence(der.objectId(OID.sha256WithRsa), der.nothing());
}

function extensions({ isCa, extKeyUsage, sans, subjectKeyId, authorityKeyId }: CertificateContent): Uint8Array[] {
  const names = [...sans.dnsNames.map(dnsName), ...sans.ipAddresses.map(ipAddress)];
  return [
    critical(OID.keyUsage, keyUsage(isCa)),
    ...(extKeyUsage.length === 0
      ? []
      : [extension(OID.extKeyUsage, der.sequence(...extKeyUsage.map((usage) => der.objectId(OID[usage]))))]),
    ...(isCa ? [critical(OID.basicConstraints, der.sequence(der.yes()))] : []),
    ...(subjectKeyId === undefined ? [] : [extension(OID.subjectKeyIdentifier, der.octets(subjectKeyId))]),
    ...(authorityKeyId === undefined
      ? []
      : [extension(OID.authorityKeyIdentifier, der.sequence(der.tagged(0, authorityKeyId)))]),
    ...(names.length === 0 ? [] : [extension(OID.subjectAltName, der.sequence(...names))]),
  ];
}

/** Bits count from the left: digitalSignature is 0, keyEncipherment 2, keyCertSign 5. */
function keyUsage(isCa: boolean): Uint8Array {
  return isCa
    ? der.bits(Uint8Array.of(0b1010_0100), { unused: 2 })
    : der.bits(Uint8Array.of(0b1010_0000), { unused: 5 });
}

function extension(id: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.objectId(id), der.octets(value));
}

function critical(id: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.objectId(id), der.yes(), der.octets(value));
}

function dnsName(name: string): Uint8Array {
  if (!/^[\x21-\x7e]+$/.test(name)) {
    throw new RkeError("config", {
      doing: "issue a certificate",
      because: `the name "${name}" has characters that a certificate cannot hold`,
      hint: "Write an international domain name in its ASCII form, xn--…",
    });
  }
  return der.tagged(2, Buffer.from(name, "ascii"));
}

function ipAddress(address: string): Uint8Array {
  const bytes = ipBytes(address);
  if (bytes === undefined) {
    throw new RkeError("config", { doing: "issue a certificate", because: `"${address}" is not an IP address` });
  }
  return der.tagged(7, Uint8Array.from(bytes));
}
