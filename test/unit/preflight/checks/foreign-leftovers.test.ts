import { describe, expect, it } from "vitest";

import { contentDigest } from "../../../../provider/desired/content-digest.ts";
import type { Bundle } from "../../../../provider/pki/bundle.ts";
import { aContainer, linesFor, type Seen } from "../a-fleet-seen.ts";

const certificates: Bundle = {
  "kube-ca": { name: "kube-ca", certificate: "OUR CA\n", key: undefined, kubeconfig: undefined },
};

const ca = (text: string) => [{ path: "/etc/kubernetes/ssl/kube-ca.pem", sha256: contentDigest(text), mode: 0o600 }];
const leftovers = (...paths: string[]) => ({ machines: { "10.0.0.1": { leftovers: paths } } });
const node = (changes: NonNullable<Seen["nodes"]>[string]): Seen => ({ nodes: { "10.0.0.1": changes } });

describe("foreignLeftovers()", () => {
  it.each([["/etc/kubernetes"], ["/var/lib/etcd"], ["/etc/cni"]])(
    "refuses a new machine with something in %s",
    (path) => {
      expect(linesFor(leftovers(path), { certificates })).toEqual([
        `error foreign-leftovers node-1 (10.0.0.1): it is new here, and there is something in ${path}`,
      ]);
    },
  );

  it("names all of them, and whose they are", () => {
    const seen = { ...leftovers("/etc/kubernetes", "/var/lib/etcd", "/etc/cni"), ...node({ files: ca("THEIRS") }) };

    expect(linesFor(seen, { certificates })).toEqual([
      expect.stringMatching(/something in \/etc\/kubernetes, \/var\/lib\/etcd and \/etc\/cni, of another cluster$/),
    ]);
  });

  it("knows a machine on which a run of ours was killed", () => {
    const seen = { ...leftovers("/etc/kubernetes", "/var/lib/etcd"), ...node({ files: ca("OUR CA") }) };

    expect(linesFor(seen, { certificates })).toEqual([]);
  });

  it("only warns where there are no certificates to compare with", () => {
    expect(linesFor(leftovers("/etc/cni"))).toEqual([expect.stringMatching(/^warning foreign-leftovers/)]);
  });

  it("leaves the pods' network to the user who brings it", () => {
    const args = { network: { plugin: "none" } };

    expect(linesFor({ ...leftovers("/etc/cni"), args }, { certificates })).toEqual([]);
    expect(linesFor({ ...leftovers("/etc/cni", "/var/lib/etcd"), args }, { certificates })).toEqual([
      expect.stringMatching(/something in \/var\/lib\/etcd$/),
    ]);
  });

  it("does not mind what the kubelet cleans itself", () => {
    expect(linesFor(leftovers("/var/lib/kubelet", "/opt/cni"), { certificates })).toEqual([]);
  });

  it("is content with a machine that was part of the cluster before", () => {
    const seen = { ...leftovers("/etc/kubernetes", "/var/lib/etcd"), ...node({ files: ca("OLD CA") }) };

    expect(linesFor(seen, { certificates, former: [{ address: "10.0.0.1" }] })).toEqual([]);
  });

  it("is content with the nodes of a cluster that is taken over", () => {
    const containers = ["etcd", "kubelet"].map((name) => aContainer(name));
    const seen = { ...leftovers("/etc/kubernetes", "/var/lib/etcd"), ...node({ containers, files: ca("OUR CA") }) };

    expect(linesFor(seen, { certificates })).toEqual([]);
  });

  it("refuses a machine that another cluster is using", () => {
    const containers = ["etcd", "kubelet", "service-sidekick"].map((name) => aContainer(name));

    expect(linesFor(node({ containers, files: ca("THEIRS") }), { certificates })).toEqual([
      "error foreign-leftovers node-1 (10.0.0.1): it runs etcd, kubelet and service-sidekick of another cluster: " +
        "its CA is not ours",
    ]);
  });

  it("knows a member by etcd, while its CA is being replaced", () => {
    const member = { id: "1", name: "etcd-1", node: "10.0.0.1", peerUrls: [], hasStarted: true };
    const etcd = {
      clusterId: "1",
      hasQuorum: true,
      members: [{ ...member, isLearner: false, isHealthy: true, isLeader: true }],
    };

    const seen = { ...node({ containers: [aContainer("etcd")], files: ca("OLD CA") }), etcd };

    expect(linesFor(seen, { certificates })).toEqual([]);
  });

  it("refuses to replace what only has the name of one of ours", () => {
    expect(linesFor(node({ containers: [aContainer("etcd", { labels: {} })] }), { certificates })).toEqual([
      "error foreign-leftovers node-1 (10.0.0.1): it has containers that are called etcd, and that neither RKE nor we have made",
    ]);
  });

  it("knows the container that RKE does not label", () => {
    const containers = [aContainer("etcd"), aContainer("etcd-rolling-snapshots", { labels: {} })];

    expect(linesFor(node({ containers }), { certificates })).toEqual([]);
  });
});
