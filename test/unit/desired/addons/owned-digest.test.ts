import { describe, expect, it } from "vitest";

import { isOurs, ownedDigest } from "../../../../provider/desired/addons/owned-digest.ts";
import { ownChanges, serverSideApply } from "../../../fleet/kube-apply.ts";
import type { KubeObject } from "../../../fleet/kube-object.ts";

const service = (changes: object = {}): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "dns", labels: { app: "dns" } },
    spec: {
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
      ],
      ...changes,
    },
  }) as unknown as KubeObject;

const ours = serverSideApply(undefined, service(), "pulumi-rke").object;

/** What is left after somebody has changed it with kubectl. */
const edited = (change: (object: KubeObject) => KubeObject) => ownChanges(ours, change(ours), "kubectl-edit");

describe("ownedDigest()", () => {
  it("is the same for the same object, in whatever order it is written", () => {
    const { spec, ...rest } = ours;

    expect(ownedDigest({ spec, ...rest })).toBe(ownedDigest(ours));
    expect(ownedDigest(ours)).toMatch(/^[0-9a-f]{16}$/);
  });

  it("does not mind what others add", () => {
    const added = edited((object) => ({ ...object, metadata: { ...object.metadata, annotations: { mine: "yes" } } }));

    expect(ownedDigest(added)).toBe(ownedDigest(ours));
  });

  it("minds a field of ours that somebody has changed, or taken away", () => {
    const changed = edited((object) => ({ ...object, metadata: { ...object.metadata, labels: { app: "other" } } }));
    const { labels: _, ...bare } = ours.metadata;
    const taken = edited((object) => ({ ...object, metadata: bare }));

    expect(ownedDigest(changed)).not.toBe(ownedDigest(ours));
    expect(ownedDigest(taken)).not.toBe(ownedDigest(ours));
  });

  it("is the same for an object that has nothing but its name, whatever the server keeps about it", () => {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "a" } } as KubeObject;
    const made = serverSideApply(undefined, account, "pulumi-rke").object;
    const later = { ...made, metadata: { ...made.metadata, uid: "1", resourceVersion: "2" } };

    expect(ownedDigest(later)).toBe(ownedDigest(made));
  });

  it("tells items of a list apart by all of their keys", () => {
    const other = service({
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-over-tcp", port: 53, protocol: "TCP" },
      ],
    });

    expect(ownedDigest(serverSideApply(undefined, other, "pulumi-rke").object)).not.toBe(ownedDigest(ours));
  });

  it("has none for what is not ours, or not there", () => {
    const theirs = serverSideApply(undefined, service(), "helm").object;

    expect([ownedDigest(theirs), ownedDigest(undefined)]).toEqual([undefined, undefined]);
    expect([isOurs(theirs), isOurs(ours)]).toEqual([false, true]);
  });
});
