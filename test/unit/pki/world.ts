import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";

import { type Bundle, type IssueOptions, issueBundle } from "../../../provider/pki/bundle.ts";
import type { PkiHost, PkiSubject } from "../../../provider/pki/names.ts";
import type { KeySource, SerialSource } from "../../../provider/pki/openssl.ts";
import { Secret } from "../../../provider/secrets.ts";
import { keyOfPool } from "../../support/key-pool.ts";

/** The moment at which every test issues, unless it says otherwise. */
export const NOW = new Date("2026-11-21T08:00:00.000Z");

export const DAY_MS = 24 * 3_600_000;

export function daysLater(days: number): Date {
  return new Date(NOW.getTime() + days * DAY_MS);
}

export function aHost(address: string, { internalAddress = address, hostnameOverride = address } = {}): PkiHost {
  return { address, internalAddress, hostnameOverride };
}

/** A cluster of three machines, each with all roles. */
export function aSubject(changes: Partial<PkiSubject> = {}): PkiSubject {
  const hosts = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => aHost(address));
  return {
    controlPlane: hosts,
    etcd: hosts,
    all: hosts,
    sans: [],
    serviceIps: ["10.43.0.1"],
    clusterDomain: "cluster.local",
    clusterName: "local",
    servesKubelets: false,
    ...changes,
  };
}

/** Hands out the same keys in the same order each time: making one takes long, and there is no need for more. */
export function pooledKeys(): KeySource {
  let used = 0;
  return () => {
    const key = pool[used] ?? keyOfPool(used);
    pool[used] = key;
    used += 1;
    return key;
  };
}

const pool: Promise<Secret<string>>[] = [];

export function countedSerials(): SerialSource {
  let last = 0n;
  return () => {
    last += 1n;
    return last;
  };
}

export function issueOptions(changes: Partial<IssueOptions> = {}): IssueOptions {
  return { clock: () => NOW, serials: countedSerials(), keys: pooledKeys(), ...changes };
}

export async function aBundle(subject: PkiSubject = aSubject(), changes: Partial<IssueOptions> = {}): Promise<Bundle> {
  const { bundle } = await issueBundle(subject, issueOptions(changes));
  return bundle;
}

export function without(bundle: Bundle, ...names: readonly string[]): Bundle {
  return Object.fromEntries(Object.entries(bundle).filter(([name]) => !names.includes(name)));
}

/** Every byte of a bundle in short: secrets compare as equal whatever they hold, and make long diffs in clear. */
export function fingerprints(bundle: Bundle): readonly string[] {
  return Object.values(bundle).map(({ name, certificate, key, kubeconfig }) => {
    const parts = [certificate, key?.unwrap(), kubeconfig?.path, kubeconfig?.text.unwrap()];
    return `${name} ${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
  });
}

const VECTORS = join(__dirname, "../../vectors");

/** The cases for which RKE's certificates are known. */
export const vectorNames = readdirSync(VECTORS).filter((name) => !name.startsWith("invalid-"));

export function vectorCertificates(name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(vectorText(name, "certs.json")).certificates;
}

/** What RKE knew about the cluster when it made the certificates. */
export function vectorSubject(name: string): PkiSubject {
  const plan = JSON.parse(vectorText(name, "plan.json"));
  const hosts: PkiHost[] = plan.nodes.map(({ address, internalAddress, hostnameOverride }: PkiHost) => ({
    address,
    internalAddress,
    hostnameOverride,
  }));
  const named = (addresses: readonly string[]) => hosts.filter(({ address }) => addresses.includes(address));
  const subject: PkiSubject = {
    controlPlane: named(plan.cluster.controlPlaneHosts),
    etcd: named(plan.cluster.etcdHosts),
    all: hosts,
    sans: plan.rkeConfig.authentication.sans ?? [],
    serviceIps: plan.cluster.kubernetesServiceIP,
    clusterDomain: plan.cluster.clusterDomain,
    clusterName: plan.rkeConfig.cluster_name,
    servesKubelets: plan.rkeConfig.services.kubelet.generate_serving_certificate,
    kubeConfigPath: "<dir of cluster.yml>/kube_config_cluster.yml",
  };
  const externalEtcd = plan.cluster.etcdHosts.length === 0 ? externalEtcdOf(name) : undefined;
  return externalEtcd === undefined ? subject : { ...subject, externalEtcd };
}

/** From cluster.yml, because the plan elides the key. */
function externalEtcdOf(name: string): PkiSubject["externalEtcd"] {
  const { services } = load(vectorText(name, "cluster.yml")) as {
    services: { etcd: { ca_cert: string; cert: string; key: string } };
  };
  return { ca: services.etcd.ca_cert, cert: services.etcd.cert, key: new Secret(services.etcd.key) };
}

function vectorText(name: string, file: string): string {
  return readFileSync(join(VECTORS, name, file), "utf8");
}
