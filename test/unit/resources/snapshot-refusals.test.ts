import { beforeAll, describe, expect, it } from "vitest";

import { pkiSubject } from "../../../provider/desired/pki-subject.ts";
import { type Bundle, issueBundle } from "../../../provider/pki/bundle.ts";
import { toRkeState } from "../../../provider/pki/rke-state.ts";
import { clusterIdOf } from "../../../provider/resources/identity-bundle.ts";
import {
  type RestoredInto,
  refuseSnapshot,
  type SnapshotWords,
} from "../../../provider/resources/snapshot-refusals.ts";
import type { SnapshotManifest } from "../../../provider/snapshots/manifest.ts";
import { nodesOf, wanted } from "../../support/facts.ts";
import { daysLater, issueOptions } from "../pki/world.ts";

let certificates: Bundle;
let others: Bundle;
beforeAll(async () => {
  const { config, certificates: ours } = await wanted({ nodes: nodesOf(["etcd", "controlplane"]) });
  certificates = ours;
  others = (await issueBundle(pkiSubject(config), issueOptions({ clock: () => daysLater(1) }))).bundle;
});

const manifest = (changes: Partial<SnapshotManifest> = {}): SnapshotManifest => ({
  version: 1,
  name: "before",
  takenAt: "2026-11-20T03:00:00Z",
  clusterId: clusterIdOf(certificates),
  clusterName: "prod",
  kubernetesVersion: "v1.31.4-rancher1-1",
  etcdVersion: "3.5.16",
  revision: 7,
  totalKeys: 3,
  database: { sizeBytes: 512, sha256: "abc" },
  state: "none",
  ...changes,
});

const words = (changes: Partial<SnapshotWords> = {}): SnapshotWords => ({
  name: "before",
  manifest: undefined,
  state: undefined,
  isSealed: false,
  ...changes,
});

const into = (changes: Partial<RestoredInto> = {}): RestoredInto => ({
  clusterId: clusterIdOf(certificates),
  etcdImage: "rancher/mirrored-coreos-etcd:v3.5.15",
  encryptionSecrets: [],
  ...changes,
});

/** A cluster.rkestate as it lies in archives of rke. */
const stateOf = (bundle: Bundle, changes: object = {}): string =>
  JSON.stringify({ currentState: { certificatesBundle: toRkeState(bundle).unwrap(), ...changes } });

describe("refuseSnapshot()", () => {
  it("takes a snapshot of the cluster itself, of the same etcd", () => {
    expect(refuseSnapshot(words({ manifest: manifest() }), into())).toEqual([]);
  });

  it("refuses that of another cluster, by its manifest", () => {
    const strange = manifest({ clusterId: "other", clusterName: "staging" });

    expect(() => refuseSnapshot(words({ manifest: strange }), into())).toThrow(
      /Cannot restore "before": it is of another cluster "staging" \(other; this one is /,
    );
  });

  it("refuses that of another cluster, by the CA in the state of rke", () => {
    expect(refuseSnapshot(words({ state: stateOf(certificates) }), into())).toEqual([]);
    expect(() => refuseSnapshot(words({ state: stateOf(others) }), into())).toThrow(/it is of another cluster/);
  });

  it("says when nobody can tell whose it is", () => {
    expect(refuseSnapshot(words(), into())).toEqual([
      'the snapshot "before" does not say of which cluster it is; nobody has checked that',
    ]);
  });

  it.each(["3.6.0", "4.0.1"])("refuses one of a newer etcd: %s", (etcdVersion) => {
    expect(() => refuseSnapshot(words({ manifest: manifest({ etcdVersion }) }), into())).toThrow(
      /it was taken of etcd \d\.\d, and this cluster runs etcd 3\.5/,
    );
  });

  it.each(["3.4.34", "3.5.21"])("takes one of an older etcd, and of a later patch: %s", (etcdVersion) => {
    expect(refuseSnapshot(words({ manifest: manifest({ etcdVersion }) }), into())).toEqual([]);
  });

  it("finds the etcd of a snapshot of rke in its state", () => {
    const state = stateOf(certificates, {
      rkeConfig: { systemImages: { etcd: "rancher/mirrored-coreos-etcd:v3.6.1" } },
    });

    expect(() => refuseSnapshot(words({ state }), into())).toThrow(/it was taken of etcd 3\.6/);
  });

  it("refuses one whose Secrets nobody could read", () => {
    const encryptionConfig = JSON.stringify({
      resources: [{ providers: [{ aescbc: { keys: [{ name: "old", secret: "c2VjcmV0" }] } }] }],
    });
    const state = stateOf(certificates, { encryptionConfig });

    expect(() => refuseSnapshot(words({ state }), into())).toThrow(
      /Secrets in it are encrypted with the keys old, which this cluster does not have/,
    );
    expect(refuseSnapshot(words({ state }), into({ encryptionSecrets: ["new", "c2VjcmV0"] }))).toEqual([]);
  });

  it("says that nobody has looked at the keys in a state that is encrypted", () => {
    const sealed = words({ manifest: manifest({ state: "encrypted" }), isSealed: true });

    expect(refuseSnapshot(sealed, into({ encryptionSecrets: ["key"] }))).toEqual([
      expect.stringContaining("no passphrase is given"),
    ]);
    expect(refuseSnapshot(sealed, into())).toEqual([]);
  });
});
