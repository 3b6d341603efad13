import { load } from "js-yaml";

import type { Bundle, BundleCertificate } from "./bundle.ts";
import { filesOf } from "./files.ts";
import { recordedNames } from "./rke-state.ts";
import { type CertificateFacts, readCertificate } from "./x509.ts";

/** A certificate without its secrets, for people and for comparison with what RKE makes. */
export interface CertificateDescription {
  readonly name: string;
  readonly commonName: string;
  readonly ouName: string;
  readonly envName: string;
  readonly keyEnvName: string;
  readonly configEnvName: string;
  readonly path: string;
  readonly keyPath: string;
  readonly configPath: string;
  readonly hasKey: boolean;
  /** Names of the certificates that use the same private key. */
  readonly sameKeyAs: readonly string[];
  readonly sameCertificateAs: readonly string[];
  /** Parsed, its embedded data elided. */
  readonly kubeconfig: unknown;
  readonly certificate: DescribedCertificate;
}

export interface DescribedCertificate {
  readonly subjectCN: string;
  readonly subjectO: readonly string[] | null;
  readonly issuerCN: string;
  readonly selfSigned: boolean;
  readonly isCA: boolean;
  readonly basicConstraintsValid: boolean;
  readonly keyUsage: readonly string[];
  readonly extKeyUsage: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly validityDays: number;
  readonly publicKeyAlgorithm: "RSA";
  readonly publicKeyBits: number;
  readonly signatureAlgorithm: string;
}

/** Says what is in a bundle, without anything secret. */
export function describeBundle(bundle: Bundle): Readonly<Record<string, CertificateDescription>> {
  const keys = namesBy(bundle, ({ key }) => key?.unwrap());
  const certificates = namesBy(bundle, ({ certificate }) => certificate);
  const others = (names: readonly string[] = [], name: string) => names.filter((other) => other !== name);
  return Object.fromEntries(
    Object.values(bundle).map((entry) => {
      const { name, certificate, key, kubeconfig } = entry;
      const { path, keyPath, envName, keyEnvName, kubeconfigEnvName } = filesOf(name);
      const description: CertificateDescription = {
        name,
        ...recordedNames(name),
        envName,
        keyEnvName,
        configEnvName: kubeconfigEnvName ?? "",
        path,
        keyPath,
        configPath: kubeconfig?.path ?? "",
        hasKey: key !== undefined,
        sameKeyAs: key === undefined ? [] : others(keys.get(key.unwrap()), name),
        sameCertificateAs: others(certificates.get(certificate), name),
        kubeconfig: kubeconfig === undefined ? null : withoutData(load(kubeconfig.text.unwrap())),
        certificate: describeFacts(readCertificate(certificate, `"${name}"`)),
      };
      return [name, description];
    }),
  );
}

/** The end of each certificate, the soonest first. */
export function expiries(bundle: Bundle): readonly { readonly name: string; readonly notAfter: Date }[] {
  return Object.values(bundle)
    .map(({ name, certificate }) => ({ name, notAfter: readCertificate(certificate, `"${name}"`).notAfter }))
    .sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime());
}

function describeFacts(facts: CertificateFacts): DescribedCertificate {
  const { commonName, organizations } = facts.subject;
  return {
    subjectCN: commonName ?? "",
    subjectO: organizations.length === 0 ? null : organizations,
    issuerCN: facts.issuer.commonName ?? "",
    selfSigned: facts.isSelfIssued,
    isCA: facts.isCa,
    basicConstraintsValid: facts.hasBasicConstraints,
    keyUsage: facts.keyUsage,
    extKeyUsage: facts.extKeyUsage,
    dnsNames: facts.sans.dnsNames,
    ipAddresses: facts.sans.ipAddresses,
    validityDays: Math.floor((facts.notAfter.getTime() - facts.notBefore.getTime()) / (24 * 3_600_000)),
    publicKeyAlgorithm: "RSA",
    publicKeyBits: facts.publicKeyBits,
    signatureAlgorithm: facts.signatureAlgorithm,
  };
}

function namesBy(
  bundle: Bundle,
  property: (entry: BundleCertificate) => string | undefined,
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const entry of Object.values(bundle)) {
    const value = property(entry);
    if (value !== undefined) {
      names.set(value, [...(names.get(value) ?? []), entry.name].sort());
    }
  }
  return names;
}

/** Replaces every embedded certificate and key: the keys that end in `-data`. */
function withoutData(part: unknown): unknown {
  if (Array.isArray(part)) {
    return part.map(withoutData);
  }
  if (part === null || typeof part !== "object") {
    return part;
  }
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, key.endsWith("-data") ? "<elided>" : withoutData(value)]),
  );
}
