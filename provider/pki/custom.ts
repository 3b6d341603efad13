import { RkeError } from "../errors.ts";
import type { Secret } from "../secrets.ts";
import type { Bundle, BundleCertificate } from "./bundle.ts";
import { type Authority, dayOf } from "./issue.ts";
import { withKubeconfig } from "./kubeconfigs.ts";
import {
  type CertificateSpec,
  certificatesFor,
  ETCD_CLIENT_CA,
  KUBE_CA,
  type PkiSubject,
  REQUEST_HEADER_CA,
  SERVICE_ACCOUNT_TOKEN,
} from "./names.ts";
import { isKeyOf, normalPem, signatureCheck, toPkcs1 } from "./openssl.ts";
import { type CertificateFacts, readCertificate } from "./x509.ts";

/** PEM texts as a person has them. */
export interface GivenCertificate {
  readonly certificate: string;
  readonly key?: Secret<string>;
}

/** Something wrong with one certificate; `because` reads after "because". */
export interface CustomFinding {
  readonly name: string;
  readonly because: string;
}

/** Takes a CA that the person brought, to issue from. Refuses what could not sign, or what nobody would trust. */
export function customAuthority(
  given: { readonly certificate: string; readonly key: Secret<string> },
  { name, now }: { name: string; now: Date },
): Authority {
  const facts = readCertificate(given.certificate, `the CA "${name}"`);
  const key = toPkcs1(given.key, `the CA "${name}"`);
  const because = whyNotAuthority(facts) ?? whyOutOfTime(facts, now) ?? whyOtherKey(given.certificate, key);
  if (because !== undefined) {
    throw new RkeError("config", { doing: `issue certificates from the CA "${name}"`, because });
  }
  return { certificate: normalPem(given.certificate), key };
}

/**
 * Takes a cluster's certificates as the person made them, RKE's `--custom-certs`: nothing is issued, so the CA's key is
 * not needed. Refuses a set with anything wrong in it, and says all of it at once.
 */
export function customBundle(
  subject: PkiSubject,
  given: Readonly<Record<string, GivenCertificate>>,
  { now }: { now: Date },
): Bundle {
  const findings = checkCustomBundle(subject, given, { now });
  if (findings.length > 0) {
    throw new RkeError("config", {
      doing: "use the given certificates",
      because: findings.map(({ name, because }) => `"${name}": ${because}`).join("; "),
      hint: "Issue them again from the CA that is given as kube-ca",
    });
  }
  const bundle = new Map<string, BundleCertificate>();
  for (const { name } of certificatesFor(subject)) {
    const found = givenFor(name, given, subject);
    if (found !== undefined) {
      const key = found.key === undefined ? undefined : toPkcs1(found.key, `"${name}"`);
      const entry = { name, certificate: normalPem(found.certificate), key, kubeconfig: undefined };
      bundle.set(name, withKubeconfig(entry, bundle, subject));
    }
  }
  return Object.fromEntries(bundle);
}

/** Lists what is wrong with a set of given certificates: RKE's rules, and names, dates, signatures and keys as well. */
export function checkCustomBundle(
  subject: PkiSubject,
  given: Readonly<Record<string, GivenCertificate>>,
  { now }: { now: Date },
): readonly CustomFinding[] {
  return certificatesFor(subject).flatMap((spec) => {
    const found = givenFor(spec.name, given, subject);
    const because = found === undefined ? "it is missing" : whyUnfit(spec, found, { given, subject, now });
    return because === undefined ? [] : [{ name: spec.name, because }];
  });
}

/** Without a request-header CA, kube-ca stands in for it, as in RKE. External etcd comes from the configuration. */
function givenFor(
  name: string,
  given: Readonly<Record<string, GivenCertificate>>,
  { externalEtcd }: PkiSubject,
): GivenCertificate | undefined {
  const isExternal = name.startsWith("kube-etcd-client") && externalEtcd !== undefined;
  if (isExternal) {
    const { ca, cert, key } = externalEtcd;
    return name === ETCD_CLIENT_CA ? { certificate: ca } : { certificate: cert, key };
  }
  return given[name] ?? (name === REQUEST_HEADER_CA ? given[KUBE_CA] : undefined);
}

function whyUnfit(
  spec: CertificateSpec,
  found: GivenCertificate,
  { given, subject, now }: { given: Readonly<Record<string, GivenCertificate>>; subject: PkiSubject; now: Date },
): string | undefined {
  try {
    const facts = readCertificate(found.certificate, `"${spec.name}"`);
    const isLeaf = spec.signer !== "self" && spec.name !== ETCD_CLIENT_CA;
    return (
      whyKey(found, { isRequired: isLeaf, name: spec.name }) ??
      (isLeaf ? undefined : whyNotAuthority(facts)) ??
      (spec.name === SERVICE_ACCOUNT_TOKEN ? undefined : whyOutOfTime(facts, now)) ??
      whyOtherSigner(spec, found, givenFor(spec.signer, given, subject)) ??
      whyUncovered(spec, facts)
    );
  } catch (error) {
    if (error instanceof RkeError) {
      return error.detail.because;
    }
    throw error;
  }
}

function whyKey(
  { certificate, key }: GivenCertificate,
  { isRequired, name }: { isRequired: boolean; name: string },
): string | undefined {
  if (key === undefined) {
    return isRequired ? "its private key is missing" : undefined;
  }
  return whyOtherKey(certificate, toPkcs1(key, `"${name}"`));
}

function whyOtherKey(certificate: string, key: Secret<string>): string | undefined {
  return isKeyOf(key, certificate) ? undefined : "the private key belongs to another certificate";
}

function whyNotAuthority({ isCa, keyUsage }: CertificateFacts): string | undefined {
  if (!isCa) {
    return "it is not the certificate of a CA: its basic constraints do not say so";
  }
  const maySign = keyUsage.length === 0 || keyUsage.includes("keyCertSign");
  return maySign ? undefined : "its key usage does not include signing certificates";
}

function whyOutOfTime({ notBefore, notAfter }: CertificateFacts, now: Date): string | undefined {
  if (notAfter <= now) {
    return `it expired on ${dayOf(notAfter)}`;
  }
  return notBefore > now ? `it is valid from ${notBefore.toISOString()} only` : undefined;
}

/** Service account tokens need the key and nothing of the certificate: people make a self-signed one for them. */
function whyOtherSigner(
  { name, signer }: CertificateSpec,
  { certificate }: GivenCertificate,
  ca: GivenCertificate | undefined,
): string | undefined {
  if (ca === undefined || name === SERVICE_ACCOUNT_TOKEN || signatureCheck(ca.certificate)(certificate)) {
    return undefined;
  }
  return `it is not signed by "${signer}"`;
}

/** More names than needed do no harm here: the person decides. */
function whyUncovered({ sans }: CertificateSpec, { sans: found }: CertificateFacts): string | undefined {
  const has = new Set([...found.dnsNames, ...found.ipAddresses]);
  const lacking = [...new Set([...sans.dnsNames, ...sans.ipAddresses])].filter((name) => !has.has(name));
  return lacking.length === 0 ? undefined : `it lacks ${lacking.map((name) => `"${name}"`).join(", ")}`;
}
