import { RkeError } from "../errors.ts";
import type { Bundle, BundleCertificate, Reissue } from "./bundle.ts";
import { dayOf, leafEnd } from "./issue.ts";
import {
  type CertificateSpec,
  certificatesFor,
  ETCD_CLIENT_CA,
  type ExternalEtcd,
  KUBE_CA,
  type PkiSubject,
  PROXY_CLIENT,
  REQUEST_HEADER_CA,
  SERVICE_ACCOUNT_TOKEN,
} from "./names.ts";
import { signatureCheck } from "./openssl.ts";
import { type Sans, sameSans } from "./sans.ts";
import { type CertificateFacts, readCertificate } from "./x509.ts";

/** A certificate that ends within this time is issued again. */
export const RENEW_BEFORE_DAYS = 30;

/**
 * Says which certificates a cluster lacks or has to have issued again, and why. Refuses a bundle without its CAs: making
 * new ones would cut a living cluster in two.
 */
export function reissues(
  subject: PkiSubject,
  bundle: Bundle | undefined,
  now: Date,
  { renewBeforeDays = RENEW_BEFORE_DAYS }: { renewBeforeDays?: number } = {},
): readonly Reissue[] {
  const specs = certificatesFor(subject);
  if (bundle === undefined) {
    return specs.map(({ name }) => ({ name, because: "the cluster is new" }));
  }
  refuseLostAuthorities(bundle);
  const authorities = new Map([KUBE_CA, REQUEST_HEADER_CA].map((name) => [name, authorityIn(bundle, name)]));
  return specs.flatMap((spec) => {
    const because =
      spec.signer === "external"
        ? whyExternal(spec.name, bundle[spec.name], subject.externalEtcd)
        : whyReissue(spec, bundle[spec.name], { authority: authorities.get(spec.signer), now, renewBeforeDays });
    return because === undefined ? [] : [{ name: spec.name, because }];
  });
}

interface KnownAuthority {
  readonly facts: CertificateFacts;
  readonly signed: (certificate: string) => boolean;
}

function whyReissue(
  spec: CertificateSpec,
  found: BundleCertificate | undefined,
  { authority, now, renewBeforeDays }: { authority: KnownAuthority | undefined; now: Date; renewBeforeDays: number },
): string | undefined {
  if (found === undefined) {
    return "it is missing";
  }
  if (spec.signer === "self") {
    return undefined;
  }
  if (found.key === undefined) {
    return "its key is missing";
  }
  // Only its key is ever used, and in RKE's own clusters its certificate is an old one of kube-apiserver.
  if (spec.name === SERVICE_ACCOUNT_TOKEN) {
    return undefined;
  }
  if (authority === undefined || !authority.signed(found.certificate)) {
    return `it is not signed by the ${spec.signer} of this cluster`;
  }
  const facts = readCertificate(found.certificate, `"${spec.name}"`);
  return whySans(spec, facts.sans) ?? whyExpiry(facts, { ca: authority.facts, now, renewBeforeDays });
}

function whySans({ sans, neededSans }: CertificateSpec, found: Sans): string | undefined {
  const wanted = neededSans ?? sans;
  if (sameSans(wanted, found)) {
    return undefined;
  }
  const has = new Set([...found.dnsNames, ...found.ipAddresses]);
  const wants = new Set([...wanted.dnsNames, ...wanted.ipAddresses]);
  const lacking = [...wants].filter((name) => !has.has(name));
  const surplus = neededSans === undefined ? [...has].filter((name) => !wants.has(name)) : [];
  if (lacking.length === 0 && surplus.length === 0) {
    return undefined;
  }
  return [
    ...(lacking.length === 0 ? [] : [`it lacks ${quoted(lacking)}`]),
    ...(surplus.length === 0 ? [] : [`it still names ${quoted(surplus)}`]),
  ].join(" and ");
}

/** A certificate that would not live longer than the one at hand is no remedy: its CA is the one that ends. */
function whyExpiry(
  { notAfter }: CertificateFacts,
  { ca, now, renewBeforeDays }: { ca: CertificateFacts; now: Date; renewBeforeDays: number },
): string | undefined {
  const isNear = notAfter.getTime() - now.getTime() < renewBeforeDays * 24 * 3_600_000;
  if (!isNear || leafEnd(ca, now) <= notAfter) {
    return undefined;
  }
  return notAfter <= now ? `it expired on ${dayOf(notAfter)}` : `it expires on ${dayOf(notAfter)}`;
}

function whyExternal(
  name: string,
  found: BundleCertificate | undefined,
  given: ExternalEtcd | undefined,
): string | undefined {
  const isSame =
    name === ETCD_CLIENT_CA
      ? found?.certificate === given?.ca
      : found?.certificate === given?.cert && found?.key?.unwrap() === given?.key.unwrap();
  return isSame ? undefined : "the configuration names another one";
}

/**
 * A request-header CA may be new in a cluster that never had one, as those of RKE 0.1; not in one that uses it.
 */
function refuseLostAuthorities(bundle: Bundle): void {
  const lost = bundle[KUBE_CA] === undefined ? KUBE_CA : REQUEST_HEADER_CA;
  if (lost === REQUEST_HEADER_CA && (bundle[lost] !== undefined || bundle[PROXY_CLIENT] === undefined)) {
    return;
  }
  throw new RkeError("unsafe", {
    doing: "look after the certificates",
    because: `the cluster has certificates, but its CA "${lost}" is missing, and a second one would cut the cluster in two`,
    hint: `Restore "${lost}" from an older state, or from /etc/kubernetes/ssl of a control plane node`,
  });
}

function authorityIn(bundle: Bundle, name: string): KnownAuthority | undefined {
  const certificate = bundle[name]?.certificate;
  return certificate === undefined
    ? undefined
    : { facts: readCertificate(certificate, `"${name}"`), signed: signatureCheck(certificate) };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
