import { RkeError } from "../errors.ts";
import type { Bundle } from "./bundle.ts";
import type { Authority } from "./issue.ts";
import { type CertificateSpec, KUBE_APISERVER, SERVICE_ACCOUNT_TOKEN } from "./names.ts";
import { isKeyOf, normalPem } from "./openssl.ts";

/** Where the keys and CAs of a cluster come from, before anything new is made. */
export interface Sources {
  readonly existing: Bundle;
  /** CAs that the person brought, by their name in the bundle. */
  readonly given: ReadonlyMap<string, Authority>;
}

/** Looks for the CAs' keys before any other key is made: a thousand of them take a while. */
export function refuseLostKeys(
  dueSpecs: readonly CertificateSpec[],
  { existing, given, due }: Sources & { due: ReadonlySet<string> },
): void {
  for (const { name, signer } of dueSpecs) {
    const isLost = existing[signer] !== undefined && existing[signer].key === undefined && !given.has(signer);
    if (isLost && !due.has(signer)) {
      throw new RkeError("unsafe", {
        doing: `issue the certificate "${name}"`,
        because: `the private key of its CA "${signer}" is missing, and a second CA would cut the cluster in two`,
        hint: "Restore the key from an older state or a control plane node, or issue the certificate where the key is",
      });
    }
  }
}

/** kube-apiserver's key may stand in for a lost one only where it was that one: else every token would be void. */
export function refuseLostTokenKey(existing: Bundle): void {
  const found = existing[SERVICE_ACCOUNT_TOKEN];
  const standIn = existing[KUBE_APISERVER]?.key;
  if (found === undefined || found.key !== undefined || (standIn && isKeyOf(standIn, found.certificate))) {
    return;
  }
  throw new RkeError("unsafe", {
    doing: "replace the key that signs service account tokens",
    because: `the private key of "${SERVICE_ACCOUNT_TOKEN}" is missing, and with another one every token would be void`,
    hint: "Restore it from an older state, or from /etc/kubernetes/ssl of a control plane node",
  });
}

/** A living cluster changes its CA by a rotation, in steps, and not because a program names another one. */
export function refuseOtherAuthorities({ existing, given }: Sources): void {
  for (const [name, { certificate }] of given) {
    const current = existing[name];
    if (current !== undefined && normalPem(current.certificate) !== normalPem(certificate)) {
      throw new RkeError("unsafe", {
        doing: `use the given CA "${name}"`,
        because: "the cluster already has another one, and lives by it",
        hint: "Take the CA out of the program, or rotate the CA of the cluster",
      });
    }
  }
}
