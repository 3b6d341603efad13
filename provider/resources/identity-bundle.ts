import { createHash, hkdfSync, X509Certificate } from "node:crypto";

import type { EncryptionKey } from "../desired/files/encryption.ts";
import { RkeError } from "../errors.ts";
import { type Bundle, type GivenAuthorities, issueBundle, type Reissue } from "../pki/bundle.ts";
import { expiries } from "../pki/describe.ts";
import { adminKubeconfig } from "../pki/kubeconfig.ts";
import { KUBE_ADMIN, KUBE_CA, type PkiSubject, REQUEST_HEADER_CA, SERVICE_ACCOUNT_TOKEN } from "../pki/names.ts";
import { reissues } from "../pki/reissues.ts";
import { fromRkeState, type RkeStateCertificate, toRkeState } from "../pki/rke-state.ts";
import type { Surroundings } from "./handler.ts";

/** What belongs to a cluster and to none of its machines. */
export const identityNames: readonly string[] = [KUBE_CA, REQUEST_HEADER_CA, SERVICE_ACCOUNT_TOKEN, KUBE_ADMIN];

interface IssueIdentity extends Pick<Surroundings, "clock" | "serials" | "keys"> {
  readonly existing?: Bundle;
  readonly authorities?: GivenAuthorities;
}

/** Makes the keys of a new cluster, or looks after those of one that is there: only kube-admin is ever issued again. */
export async function issueIdentity({ keys, ...options }: IssueIdentity): Promise<Bundle> {
  // What belongs to machines is issued along with it and left out; one key does for all of that.
  const waste = once(() => keys("waste"));
  const { bundle } = await issueBundle(noMachines, {
    ...options,
    keys: (name) => (identityNames.includes(name) ? keys(name) : waste()),
  });
  return Object.fromEntries(Object.entries(bundle).filter(([name]) => identityNames.includes(name)));
}

/** What of an identity has to be issued again, and why. */
export const identityDue = (bundle: Bundle, now: Date): readonly Reissue[] =>
  reissues(noMachines, bundle, now).filter(({ name }) => identityNames.includes(name));

/** The certificates of the identity, by what an RkeIdentity says in `bundle`. */
export function readIdentity(text: string): Bundle {
  let certificates: Readonly<Record<string, Partial<RkeStateCertificate>>>;
  try {
    certificates = JSON.parse(text);
  } catch {
    // The parser's error quotes the text, which is secret.
    throw unreadable("it is not JSON");
  }
  const bundle = fromRkeState(certificates);
  const missing = identityNames.filter((name) => bundle[name] === undefined);
  if (missing.length > 0) throw unreadable(`it lacks ${missing.map((name) => `"${name}"`).join(", ")}`);
  return bundle;
}

export const identityText = (bundle: Bundle): string => JSON.stringify(toRkeState(bundle).unwrap());

/** Tells clusters apart, and stays the same as long as the CA does. */
export function clusterIdOf(bundle: Bundle): string {
  const ca = new X509Certificate(part(bundle, KUBE_CA).certificate);
  return createHash("sha256").update(ca.raw).digest("hex").slice(0, 32);
}

export const firstExpiry = (bundle: Bundle): string => expiries(bundle)[0]?.notAfter.toISOString() ?? "";

/** The kubeconfig of kube-admin for an API server at an address, with or without a port, or at a URL. */
export function kubeconfigFor(
  bundle: Bundle,
  { server, clusterName }: { server: string; clusterName: string },
): string {
  const { certificate, key } = part(bundle, KUBE_ADMIN);
  const ca = part(bundle, KUBE_CA).certificate;
  const text = adminKubeconfig({ clusterName, address: stand, ca, certificate, key: key?.unwrap() ?? "" });
  return text.replace(JSON.stringify(`https://${stand}:6443`), JSON.stringify(serverUrl(server)));
}

/** The address in a server as people write it: `k8s.example.com` of `https://k8s.example.com:8443`. */
export function serverHost(server: string): string {
  return new URL(serverUrl(server)).hostname.replace(/^\[|\]$/g, "");
}

/**
 * The key for Secrets in etcd. It follows from the CA's, so that it cannot be lost apart from it: a run that is killed
 * before anything is saved may have encrypted with it already.
 */
export function encryptionKeyOf(bundle: Bundle): EncryptionKey {
  const ca = part(bundle, KUBE_CA).key?.unwrap();
  if (ca === undefined) {
    throw new RkeError("config", {
      doing: "make the key that encrypts Secrets",
      because: "it follows from the private key of the CA, which is not there",
      hint: "Give an encryption configuration of your own in services.kubeApi.secretsEncryptionConfig.customConfig",
    });
  }
  const secret = Buffer.from(hkdfSync("sha256", ca, "", "key of Secrets in etcd, 1", 32));
  const name = `key-${createHash("sha256").update(secret).digest("hex").slice(0, 10)}`;
  return { name, secret: secret.toString("base64") };
}

const stand = "server.invalid";

function serverUrl(server: string): string {
  if (/^https?:\/\//.test(server)) return server;
  const isBareIpv6 = server.split(":").length > 2 && !server.startsWith("[");
  const host = isBareIpv6 ? `[${server}]` : server;
  return /:\d+$/.test(host) && !isBareIpv6 ? `https://${host}` : `https://${host}:6443`;
}

const noMachines: PkiSubject = {
  controlPlane: [{ address: stand, internalAddress: stand, hostnameOverride: stand }],
  etcd: [],
  all: [],
  sans: [],
  serviceIps: [],
  clusterDomain: "cluster.local",
  clusterName: "local",
  servesKubelets: false,
};

function part(bundle: Bundle, name: string) {
  const found = bundle[name];
  if (found === undefined) throw unreadable(`it lacks "${name}"`);
  return found;
}

const unreadable = (because: string): RkeError =>
  new RkeError("state", {
    doing: "read the keys of the cluster",
    because,
    hint: "Restore the stack from an older state: pulumi stack history shows what there is",
  });

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
