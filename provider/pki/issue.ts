import { RkeError } from "../errors.ts";
import type { Secret } from "../secrets.ts";
import { encodeContent, encodeName, toPem } from "./certificate-content.ts";
import type { CertificateSpec } from "./names.ts";
import { publicKeyOf, signSha256 } from "./openssl.ts";
import { type CertificateFacts, readCertificate } from "./x509.ts";

/** A CA that can sign: both parts PEM. */
export interface Authority {
  readonly certificate: string;
  readonly key: Secret<string>;
}

/** RKE's ten years. */
const VALIDITY_MS = 3650 * 24 * 3_600_000;

/**
 * How far behind a node's clock may be. RKE starts a certificate at the second it was made, and a node whose clock is a
 * minute late refuses everything until it has caught up. The end moves along, so the ten years stay ten years.
 */
const BACKDATED_MS = 3_600_000;

/** Makes the certificate of a new CA. Serial 0, as RKE numbers its own. */
export function issueAuthority(commonName: string, key: Secret<string>, { now }: { now: Date }): string {
  const publicKey = publicKeyOf(key, `"${commonName}"`);
  const name = encodeName({ commonName });
  const content = encodeContent({
    serial: 0n,
    issuerDer: name,
    subjectDer: name,
    notBefore: startOf(now),
    notAfter: endOf(now),
    spki: publicKey.spki,
    isCa: true,
    extKeyUsage: [],
    sans: { dnsNames: [], ipAddresses: [] },
    subjectKeyId: publicKey.id,
    authorityKeyId: undefined,
  });
  return toPem(content, signSha256(content, key));
}

/** Makes a certificate for a key. Refuses a CA that is out of its time: nobody would trust what it signs. */
export function issueLeaf(
  spec: CertificateSpec,
  key: Secret<string>,
  { authority, serial, now }: { authority: Authority; serial: bigint; now: Date },
): string {
  const ca = readCertificate(authority.certificate, `the CA of "${spec.name}"`);
  refuseOutOfTime(ca, spec.name, now);
  const content = encodeContent({
    serial,
    issuerDer: ca.subjectDer,
    subjectDer: encodeName(spec),
    notBefore: ca.notBefore,
    notAfter: leafEnd(ca, now),
    spki: publicKeyOf(key, `"${spec.name}"`).spki,
    isCa: false,
    extKeyUsage: spec.isServer ? ["clientAuth", "serverAuth"] : ["clientAuth"],
    sans: spec.sans,
    subjectKeyId: undefined,
    authorityKeyId: ca.subjectKeyId,
  });
  return toPem(content, signSha256(content, authority.key));
}

/** When a certificate issued now would end: after ten years, or with its CA, whichever comes first. */
export function leafEnd(ca: CertificateFacts, now: Date): Date {
  return new Date(Math.min(endOf(now).getTime(), ca.notAfter.getTime()));
}

function refuseOutOfTime(ca: CertificateFacts, name: string, now: Date): void {
  const doing = `issue the certificate "${name}"`;
  if (ca.notAfter <= now) {
    throw new RkeError("unsafe", {
      doing,
      because: `its CA expired on ${dayOf(ca.notAfter)}`,
      hint: "Rotate the CA first",
    });
  }
  if (ca.notBefore > now) {
    throw new RkeError("unsafe", {
      doing,
      because: `its CA is valid from ${ca.notBefore.toISOString()} only, and the clock here says ${now.toISOString()}`,
      hint: "Check the clock of the machine that runs Pulumi",
    });
  }
}

/** A day as errors and reasons show it: `2036-11-18`. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function startOf(now: Date): Date {
  return new Date(wholeSeconds(now) - BACKDATED_MS);
}

function endOf(now: Date): Date {
  return new Date(wholeSeconds(now) - BACKDATED_MS + VALIDITY_MS);
}

/** Certificates know no milliseconds. */
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
