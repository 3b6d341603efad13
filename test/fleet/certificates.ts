import { X509Certificate } from "node:crypto";

import type { Process } from "./programs.ts";

/** Who somebody is and whom they believe, as files on a disk say it. */
export interface TlsFiles {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads the named files; throws as Go's `os.Open` does for the first that is missing. */
export function readFiles<K extends string>(process: Process, paths: Readonly<Record<K, string>>): Record<K, Buffer> {
  const entries = Object.entries<string>(paths).map(([key, path]) => {
    const content = process.files.read(path);
    if (content === undefined) throw new MissingFile(path);
    return [key, content];
  });
  return Object.fromEntries(entries) as Record<K, Buffer>;
}

export class MissingFile extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`open ${path}: no such file or directory`);
    this.path = path;
  }
}

const parsed = new Map<string, X509Certificate>();
const parsedBuffers = new WeakMap<Buffer, X509Certificate>();

/** The first certificate of a PEM text; parsed once, since a fleet shows the same few to each other all the time. */
export function certificateOf(pem: Buffer): X509Certificate {
  const seen = parsedBuffers.get(pem);
  if (seen !== undefined) return seen;
  const text = pem.toString();
  const certificate = parsed.get(text) ?? new X509Certificate(text);
  parsed.set(text, certificate);
  parsedBuffers.set(pem, certificate);
  return certificate;
}

/** Why Go's crypto/tls would not believe a certificate; `undefined` when it does. */
export function whyNotTrusted(
  pem: Buffer,
  ca: Buffer,
  { now, host }: { readonly now: number; readonly host?: string },
): string | undefined {
  const certificate = certificateOf(pem);
  if (!isIssuedBy(certificate, certificateOf(ca))) return "x509: certificate signed by unknown authority";
  const { from, to } = validityOf(certificate);
  if (now < from || now > to) return "x509: certificate has expired or is not yet valid";
  if (host === undefined) return undefined;
  const fits = /^[\d.]+$|:/.test(host) ? certificate.checkIP(host) : certificate.checkHost(host);
  return fits === undefined ? `x509: certificate is not valid for ${host}` : undefined;
}

/** Remembers one answer for each pair: the checks of a fleet ask the same question thousands of times. */
const issued = new WeakMap<X509Certificate, WeakMap<X509Certificate, boolean>>();

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  const known = issued.get(certificate) ?? new WeakMap<X509Certificate, boolean>();
  issued.set(certificate, known);
  const answer = known.get(issuer) ?? (certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
  known.set(issuer, answer);
  return answer;
}

const validities = new WeakMap<X509Certificate, { readonly from: number; readonly to: number }>();

function validityOf(certificate: X509Certificate): { readonly from: number; readonly to: number } {
  const known = validities.get(certificate);
  const validity = known ?? { from: Date.parse(certificate.validFrom), to: Date.parse(certificate.validTo) };
  validities.set(certificate, validity);
  return validity;
}
