import { RkeError } from "../errors.ts";
import type { Secret } from "../secrets.ts";
import { type Authority, issueAuthority, issueLeaf } from "./issue.ts";
import { withKubeconfig } from "./kubeconfigs.ts";
import {
  type CertificateSpec,
  certificatesFor,
  ETCD_CLIENT_CA,
  type ExternalEtcd,
  isOfHostOrExternalEtcd,
  KUBE_APISERVER,
  KUBE_CA,
  KUBE_NODE,
  KUBE_PROXY,
  type PkiSubject,
  REQUEST_HEADER_CA,
  SERVICE_ACCOUNT_TOKEN,
} from "./names.ts";
import { isKeyOf, type KeySource, type SerialSource, toPkcs1 } from "./openssl.ts";
import { refuseLostKeys, refuseLostTokenKey, refuseOtherAuthorities, type Sources } from "./refusals.ts";
import { reissues } from "./reissues.ts";
import { readCertificate } from "./x509.ts";

/** One certificate of a cluster with what belongs to it. */
export interface BundleCertificate {
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  /** PKCS#1 PEM; undefined for a CA whose key somebody else keeps. */
  readonly key: Secret<string> | undefined;
  /** Undefined for what is no client of the API server. */
  readonly kubeconfig: BundleKubeconfig | undefined;
}

export interface BundleKubeconfig {
  readonly path: string;
  readonly text: Secret<string>;
}

/**
 * The certificates of a cluster by name: RKE's `certificatesBundle`. Keys hide in secrets, so this is not what goes into
 * a state file: `toRkeState` makes that.
 */
export type Bundle = Readonly<Record<string, BundleCertificate>>;

/** A certificate to issue, with a reason that reads after "because". */
export interface Reissue {
  readonly name: string;
  readonly because: string;
}

export interface IssuedBundle {
  readonly bundle: Bundle;
  /** What is new in the bundle. */
  readonly issued: readonly Reissue[];
  /** Names that nobody needs any more: members, kubelets and an external etcd that are gone. */
  readonly dropped: readonly string[];
}

export interface IssuePolicy {
  /**
   * Whose keys a new cluster uses twice. RKE gives kube-node the key of kube-proxy, and signs service account tokens
   * with the key of kube-apiserver; `"own"`, the default, keeps them apart. A cluster that exists stays as it is.
   */
  readonly keySharing?: "own" | "rke";
  readonly renewBeforeDays?: number;
}

/** CAs that the person brought; see `customAuthority`. */
export interface GivenAuthorities {
  readonly kubeCa: Authority;
  readonly requestHeaderCa?: Authority;
}

export interface IssueOptions {
  readonly existing?: Bundle;
  readonly authorities?: GivenAuthorities;
  readonly clock: () => Date;
  readonly serials: SerialSource;
  readonly keys: KeySource;
  readonly policy?: IssuePolicy;
}

/**
 * Brings a cluster's certificates up to date, touching no more than has a reason: what stays is kept byte for byte, what
 * is issued again keeps its key. A CA is made for a new cluster and never again.
 */
export async function issueBundle(subject: PkiSubject, options: IssueOptions): Promise<IssuedBundle> {
  const { existing = {}, clock, serials, policy } = options;
  const now = clock();
  const given = givenByName(options.authorities);
  refuseOtherAuthorities({ existing, given });
  const issued = reissues(subject, options.existing, now, policy).map((reissue) =>
    given.has(reissue.name) ? { ...reissue, because: "it was given" } : reissue,
  );
  const due = new Set(issued.map(({ name }) => name));
  const specs = certificatesFor(subject);
  const dueSpecs = specs.filter(({ name }) => due.has(name));
  refuseLostKeys(dueSpecs, { existing, given, due });
  refuseLostTokenKey(existing);
  const keyOwners = keyOwnersFor(options);
  const keys = await keysFor(dueSpecs, { existing, given, keyOwners, keys: options.keys });

  const bundle = new Map<string, BundleCertificate>();
  const material = { bundle, keys, keyOwners, given, externalEtcd: subject.externalEtcd, serials, now };
  for (const spec of specs) {
    const found = existing[spec.name];
    const isKept = found !== undefined && !due.has(spec.name);
    const entry = isKept ? found : { ...make(spec, material), name: spec.name, kubeconfig: found?.kubeconfig };
    bundle.set(spec.name, withKubeconfig(entry, bundle, subject));
  }
  const rest = Object.entries(existing).filter(([name]) => !bundle.has(name));
  const strangers = rest.filter(([name]) => !isOfHostOrExternalEtcd(name));
  return {
    bundle: Object.fromEntries([...bundle, ...strangers]),
    issued,
    dropped: rest.map(([name]) => name).filter(isOfHostOrExternalEtcd),
  };
}

interface Material {
  /** What is done so far: signers come before what they sign, and keys before those who share them. */
  readonly bundle: ReadonlyMap<string, BundleCertificate>;
  readonly keys: ReadonlyMap<string, Secret<string>>;
  readonly keyOwners: ReadonlyMap<string, string>;
  readonly given: ReadonlyMap<string, Authority>;
  readonly externalEtcd: ExternalEtcd | undefined;
  readonly serials: SerialSource;
  readonly now: Date;
}

type CertificateAndKey = Pick<BundleCertificate, "certificate" | "key">;

function make(
  spec: CertificateSpec,
  { bundle, keys, keyOwners, given, externalEtcd, serials, now }: Material,
): CertificateAndKey {
  const { name, signer } = spec;
  if (signer === "external") {
    const { ca, cert, key } = readExternal(present(externalEtcd, name));
    return name === ETCD_CLIENT_CA ? { certificate: ca, key: undefined } : { certificate: cert, key };
  }
  const owner = bundle.get(keyOwners.get(name) ?? "");
  if (name === SERVICE_ACCOUNT_TOKEN && owner !== undefined) {
    return owner;
  }
  const key = present(owner === undefined ? keys.get(name) : owner.key, name);
  if (signer === "self") {
    return { certificate: given.get(name)?.certificate ?? issueAuthority(spec.commonName, key, { now }), key };
  }
  const ca = present(bundle.get(signer), name);
  const authority = { certificate: ca.certificate, key: present(ca.key ?? given.get(signer)?.key, name) };
  return { certificate: issueLeaf(spec, key, { authority, serial: serials(), now }), key };
}

/** Looks at what the person gave for an external etcd before it is spread over the control plane. */
function readExternal(external: ExternalEtcd): ExternalEtcd {
  readCertificate(external.ca, "the CA certificate of the external etcd");
  readCertificate(external.cert, "the client certificate of the external etcd");
  if (!isKeyOf(toPkcs1(external.key, "the external etcd"), external.cert)) {
    throw new RkeError("config", {
      doing: "use the client certificate of the external etcd",
      because: "its private key belongs to another certificate",
    });
  }
  return external;
}

/**
 * Whose key, and for service accounts whose certificate too, another certificate takes over. A cluster that exists and
 * has no key for service accounts signs with kube-apiserver's, and every token in it depends on that.
 */
function keyOwnersFor({ existing, policy }: IssueOptions): ReadonlyMap<string, string> {
  if (existing !== undefined) {
    return new Map([[SERVICE_ACCOUNT_TOKEN, KUBE_APISERVER]]);
  }
  const shared = [
    [KUBE_NODE, KUBE_PROXY],
    [SERVICE_ACCOUNT_TOKEN, KUBE_APISERVER],
  ] as const;
  return new Map(policy?.keySharing === "rke" ? shared : []);
}

/** The keys of what is due: the one it had, the one that was given, or a new one. All new ones are made side by side. */
async function keysFor(
  due: readonly CertificateSpec[],
  { existing, given, keyOwners, keys }: Sources & { keyOwners: ReadonlyMap<string, string>; keys: KeySource },
): Promise<ReadonlyMap<string, Secret<string>>> {
  const owning = due.filter(({ name, signer }) => signer !== "external" && !keyOwners.has(name));
  const pairs = owning.map(async ({ name }) => {
    const key = existing[name]?.key ?? given.get(name)?.key ?? (await keys(name));
    return [name, key] as const;
  });
  return new Map(await Promise.all(pairs));
}

function givenByName(authorities: GivenAuthorities | undefined): ReadonlyMap<string, Authority> {
  const { kubeCa, requestHeaderCa } = authorities ?? {};
  return new Map([
    ...(kubeCa === undefined ? [] : [[KUBE_CA, kubeCa] as const]),
    ...(requestHeaderCa === undefined ? [] : [[REQUEST_HEADER_CA, requestHeaderCa] as const]),
  ]);
}

function present<T>(part: T | undefined, name: string): T {
  if (part === undefined) {
    throw new RkeError("internal", { doing: `issue the certificate "${name}"`, because: "a part of it is missing" });
  }
  return part;
}
