import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ClusterConfig } from "../../../provider/config/cluster-config.ts";
import { applyDefaults, authnStrategies } from "../../../provider/config/defaults.ts";
import { releaseOfConfig } from "../../../provider/config/release-of-config.ts";
import { type ClusterArgs, cluster, type ParsedCluster } from "../../../provider/config/schema/cluster.ts";
import { defaultVersion } from "../../../provider/releases/index.ts";
import { arbitraryCluster } from "./arbitrary-cluster.ts";
import { withDefaults } from "./with-defaults.ts";

describe("applyDefaults", () => {
  it("changes nothing in its own result", () => {
    fc.assert(
      fc.property(arbitraryCluster(), (args) => {
        const parsed = cluster.parse(args);
        const release = releaseOfConfig(parsed);
        const once = applyDefaults(parsed, release);
        // The result holds no more than arguments can, only more strictly typed.
        expect(applyDefaults(once as unknown as ParsedCluster, release)).toEqual(once);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps what it does not know a default for", () => {
    const config = withDefaults({ addons: "a", winPrefixPath: "c:/", restore: { snapshotName: "s" } });

    expect(config).toMatchObject({ addons: "a", winPrefixPath: "c:/", restore: { snapshotName: "s" } });
  });

  it.each<[keyof ClusterConfig, unknown]>([
    ["sshKeyPath", "~/.ssh/id_rsa"],
    ["sshAgentAuth", false],
    ["prefixPath", "/"],
    ["clusterName", "local"],
    ["kubernetesVersion", defaultVersion],
    ["addonJobTimeout", 45],
    ["privateRegistries", []],
    ["nodes", []],
    ["bastionHost", undefined],
  ])("fills in %s", (key, value) => {
    expect(withDefaults({})[key]).toEqual(value);
  });

  it.each<[keyof ClusterConfig, ClusterArgs]>([
    ["sshKeyPath", { sshKeyPath: "" }],
    ["prefixPath", { prefixPath: "" }],
    ["clusterName", { clusterName: "" }],
    ["addonJobTimeout", { addonJobTimeout: 0 }],
  ])("takes an empty %s for none", (key, args) => {
    expect(withDefaults(args)[key]).toEqual(withDefaults({})[key]);
  });

  it.each([
    ["v1.32.7-rancher1-1", undefined, true],
    ["v1.32.7-rancher1-1", false, false],
    ["v1.23.16-rancher2-3", undefined, false],
    ["v1.23.16-rancher2-3", true, true],
  ])("decides on cri-dockerd by release, unless told: %s, %s", (version, given, enabled) => {
    const args = given === undefined ? {} : { enableCriDockerd: given };

    expect(withDefaults(args, version).enableCriDockerd).toBe(enabled);
  });
});

describe("applyDefaults() for nodes", () => {
  it("fills in a node from its address and from the cluster", () => {
    const { nodes } = withDefaults({ sshKeyPath: "/key", sshAgentAuth: true, nodes: [{ address: "Node1" }] });

    expect(nodes).toEqual([
      {
        address: "Node1",
        port: "22",
        internalAddress: "Node1",
        role: [],
        hostnameOverride: "node1",
        user: "",
        sshAgentAuth: true,
        sshKeyPath: "/key",
      },
    ]);
  });

  it("keeps what a node says, its name in lower case", () => {
    const given = { address: "a", port: "2", internalAddress: "b", hostnameOverride: "Own", sshKeyPath: "/own" };

    const { nodes } = withDefaults({ nodes: [given] });

    expect(nodes[0]).toMatchObject({ ...given, hostnameOverride: "own" });
  });

  it("lets the cluster decide about the agent", () => {
    const { nodes } = withDefaults({ nodes: [{ address: "a", sshAgentAuth: true }] });

    expect(nodes[0]?.sshAgentAuth).toBe(false);
  });

  it("fills in a bastion with an address", () => {
    const { bastionHost } = withDefaults({ sshAgentAuth: true, bastionHost: { address: "b" } });

    expect(bastionHost).toEqual({ address: "b", port: "22", sshKeyPath: "~/.ssh/id_rsa", sshAgentAuth: true });
  });

  it("leaves a bastion without an address as it is", () => {
    expect(withDefaults({ bastionHost: { user: "u" } }).bastionHost).toEqual({ user: "u" });
  });
});

describe("applyDefaults() for images", () => {
  it("takes the images of the release", () => {
    const { systemImages } = withDefaults({});

    expect(systemImages.etcd).toBe("rancher/mirrored-coreos-etcd:v3.5.16");
  });

  it("prefers images that are named", () => {
    const { systemImages } = withDefaults({ systemImages: { etcd: "own/etcd:v3.5.16", alpine: "" } });

    expect(systemImages).toMatchObject({ etcd: "own/etcd:v3.5.16", alpine: "rancher/rke-tools:v0.1.114" });
  });

  it("takes them from the first default registry, but not those that are named or do not exist", () => {
    const { systemImages } = withDefaults({
      privateRegistries: [{ url: "a" }, { url: "b/c", isDefault: true }, { url: "d", isDefault: true }],
      systemImages: { etcd: "own/etcd:v3.5.16" },
    });

    expect(systemImages).toMatchObject({
      alpine: "b/c/rancher/rke-tools:v0.1.114",
      etcd: "own/etcd:v3.5.16",
      weaveNode: "",
    });
  });

  it("gives services their images, whatever they ask for", () => {
    const { services } = withDefaults({
      services: { kubelet: { image: "x" }, etcd: { image: "y" } },
      systemImages: { kubernetes: "k:v1", etcd: "e:v1" },
    });

    expect(Object.entries(services).map(([name, { image }]) => `${name} ${image}`)).toEqual([
      "etcd e:v1",
      "kubeApi k:v1",
      "kubeController k:v1",
      "scheduler k:v1",
      "kubelet k:v1",
      "kubeproxy k:v1",
    ]);
  });
});

describe("applyDefaults() for authentication", () => {
  it("fills in certificates and RBAC", () => {
    const { authentication, authorization } = withDefaults({ authorization: { mode: "" } });

    expect([authentication, authorization]).toEqual([{ strategy: "x509" }, { mode: "rbac" }]);
  });

  it.each([[{ strategy: "x509 | Webhook" }], [{ webhook: {} }]])("fills in a webhook: %j", (authentication) => {
    const { webhook } = withDefaults({ authentication }).authentication;

    expect(webhook).toEqual({ cacheTimeout: "5s", configFile: expect.stringContaining("http://127.0.0.1:6440") });
  });
});

describe("applyDefaults() for upgrades", () => {
  it("fills in the strategy and the way nodes are drained", () => {
    expect(withDefaults({}).upgradeStrategy).toEqual({
      maxUnavailableWorker: "10%",
      maxUnavailableControlplane: "1",
      nodeDrainInput: { force: false, ignoreDaemonSets: true, deleteLocalData: false, gracePeriod: -1, timeout: 120 },
    });
  });

  it("keeps what is given, widths as texts", () => {
    const { upgradeStrategy } = withDefaults({
      upgradeStrategy: {
        maxUnavailableWorker: 3,
        drain: true,
        nodeDrainInput: { ignoreDaemonSets: false, timeout: 0 },
      },
    });

    expect(upgradeStrategy).toMatchObject({
      maxUnavailableWorker: "3",
      drain: true,
      nodeDrainInput: { ignoreDaemonSets: false, gracePeriod: -1, timeout: 0 },
    });
  });
});

describe("authnStrategies", () => {
  it("reads them without regard to case and blanks", () => {
    expect(authnStrategies(" X509 |Webhook")).toEqual(["x509", "webhook"]);
  });
});
