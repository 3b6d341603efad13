import type { Bundle } from "./bundle.ts";
import { KUBE_CA } from "./names.ts";

/** What a TLS client presents and whom it trusts, all PEM. Holds a private key in the open: hand it to a connection and nowhere else. */
export interface ClientIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** One of the cluster's certificates as the identity of a client; undefined when it, its key or the CA is not there. */
export function clientIdentity(bundle: Bundle, name: string): ClientIdentity | undefined {
  const ca = bundle[KUBE_CA]?.certificate;
  const { certificate, key } = bundle[name] ?? {};
  if (ca === undefined || certificate === undefined || key === undefined) return undefined;
  return { ca, cert: certificate, key: key.unwrap() };
}
