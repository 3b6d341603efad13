import { RkeError } from "../errors.ts";
import type { SnapshotManifest } from "../snapshots/manifest.ts";
import { clusterIdOf } from "./identity-bundle.ts";
import { isMap, mapAt, textAt } from "./properties.ts";
import { readTakeover } from "./takeover.ts";

/** What a snapshot says of itself. */
export interface SnapshotWords {
  readonly name: string;
  /** Of our own archives. */
  readonly manifest: SnapshotManifest | undefined;
  /** The `cluster.rkestate` that lies in it, where it can be read. */
  readonly state: string | undefined;
  /** Whether there is one that is encrypted, and nobody has said how. */
  readonly isSealed: boolean;
}

/** The cluster that it is to be restored into. */
export interface RestoredInto {
  readonly clusterId: string;
  readonly etcdImage: string;
  /** The keys with which Secrets can be read. */
  readonly encryptionSecrets: readonly string[];
}

/** Refuses a snapshot that this cluster could not live on, and returns what nobody could find out. */
export function refuseSnapshot(words: SnapshotWords, cluster: RestoredInto): readonly string[] {
  const { name, manifest, state } = words;
  const found = state === undefined ? undefined : readTakeover(state);
  const owner = manifest?.clusterId ?? (found && clusterIdOf(found.certificates));
  if (owner !== undefined && owner !== cluster.clusterId) {
    const called = manifest === undefined ? "" : ` "${manifest.clusterName}"`;
    throw refusal(name, {
      because: `it is of another cluster${called} (${owner}; this one is ${cluster.clusterId})`,
      hint: "Restore it with the identity of its cluster: RkeIdentity with adopt.rkeState, or with the bundle that was kept",
    });
  }
  refuseNewerEtcd(words, cluster);
  const missing = (found?.encryptionKeys ?? []).filter(({ secret }) => !cluster.encryptionSecrets.includes(secret));
  if (missing.length > 0) {
    throw refusal(name, {
      because: `Secrets in it are encrypted with the keys ${missing.map((key) => key.name).join(", ")}, which this cluster does not have`,
      hint: "Take them over with the state that lies in the archive: adopt: { rkeState } on RkeCluster and RkeIdentity, and services.kubeApi.secretsEncryptionConfig",
    });
  }
  return [
    ...(owner === undefined
      ? [`the snapshot "${name}" does not say of which cluster it is; nobody has checked that`]
      : []),
    ...(words.isSealed && cluster.encryptionSecrets.length > 0
      ? [
          `the state in "${name}" is encrypted and no passphrase is given: whether Secrets can be read, nobody has checked`,
        ]
      : []),
  ];
}

/** Data of a newer etcd may be in a form that an older one misreads; from one patch release to another it stays the same. */
function refuseNewerEtcd({ name, manifest, state }: SnapshotWords, { etcdImage }: RestoredInto): void {
  const taken = minorOf(manifest?.etcdVersion ?? etcdImageIn(state));
  const wanted = minorOf(etcdImage);
  if (taken === undefined || wanted === undefined || taken.order <= wanted.order) return;
  throw refusal(name, {
    because: `it was taken of etcd ${taken.text}, and this cluster runs etcd ${wanted.text}`,
    hint: "Set kubernetesVersion to one with that etcd; the cluster can be restored and upgraded in one go",
  });
}

function etcdImageIn(state: string | undefined): string | undefined {
  if (state === undefined) return undefined;
  const parsed: unknown = JSON.parse(state);
  const halves = isMap(parsed) ? [mapAt(parsed, "currentState"), mapAt(parsed, "desiredState")] : [];
  const images = halves.map((half) => textAt(mapAt(mapAt(half, "rkeConfig"), "systemImages"), "etcd"));
  return images.find((image) => image !== undefined);
}

/** `3.5` of `3.5.16` and of `rancher/mirrored-coreos-etcd:v3.5.16`. */
function minorOf(version: string | undefined): { readonly text: string; readonly order: number } | undefined {
  const [, major, minor] = /(?:^|:)v?(\d+)\.(\d+)(?:\.|$)/.exec(version ?? "") ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return { text: `${major}.${minor}`, order: Number(major) * 1000 + Number(minor) };
}

const refusal = (name: string, { because, hint }: { because: string; hint: string }): RkeError =>
  new RkeError("unsafe", { doing: `restore "${name}"`, because, hint });
