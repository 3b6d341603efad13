import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** The first certificate of a PEM text; undefined when there is none that can be read. */
export function pemCertificate(text: string): X509Certificate | undefined {
  if (!/-----BEGIN CERTIFICATE-----/.test(text)) return undefined;
  return attempt(() => new X509Certificate(text));
}

/** The private key of a PEM text; undefined when there is none that can be read without a password. */
export function pemPrivateKey(text: string): KeyObject | undefined {
  return attempt(() => createPrivateKey(text));
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
