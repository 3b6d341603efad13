import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type ClusterPlan, planCluster } from "../../../provider/desired/cluster-plan.ts";
import { assumedDockerFacts } from "../../../provider/desired/docker-facts.ts";
import { aNode } from "../../support/findings.ts";
import { aCluster, aPlan, containerOf, flagsOf, hashesOf, separatedNodes } from "./world.ts";

/** Arguments in which every map has several keys. */
const manySettings = {
  nodes: [
    aNode({ address: "10.0.0.1", labels: { a: "1", b: "2", c: "3" } }),
    aNode({ address: "10.0.0.2", role: ["worker"], internalAddress: "192.168.0.2", hostnameOverride: "two" }),
  ],
  privateRegistries: [{ url: "r.example.com", user: "u", password: "p" }],
  network: { plugin: "calico", options: { calico_cloud_provider: "none", x: "1", y: "2" } },
  dns: { nodelocal: { ipAddress: "169.254.20.10" } },
  services: {
    etcd: {
      extraArgs: { "election-timeout": "6000", "log-level": "debug" },
      extraArgsArray: { "listen-metrics-urls": ["http://0.0.0.0:2381", "http://127.0.0.1:2382"] },
      backupConfig: { intervalHours: 3, retention: 4 },
    },
    kubeApi: {
      auditLog: { enabled: true, configuration: { maxAge: 3, maxBackup: 4, format: "json", path: "/var/log/a" } },
      eventRateLimit: { enabled: true },
      extraArgs: { v: "4", profiling: "true" },
      extraArgsArray: { "service-account-issuer": ["https://b", "https://a"], "tls-sni-cert-key": ["x", "y"] },
    },
    kubelet: { extraArgs: { "max-pods": "200", v: "3" }, extraArgsArray: { a: ["2", "1"], b: ["3"] } },
    scheduler: { extraArgs: { v: "6", profiling: "true" }, extraEnv: ["B=1", "A=1"] },
  },
};

/** The one flag that stands behind a person's, in the command, where it wins as it does in RKE. */
const inCmd = "use-service-account-credentials";

/** The same arguments with the keys of every map in another order. */
function shuffled(value: unknown, order: (keys: string[]) => string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, order));
  if (typeof value !== "object" || value === null) return value;
  const map = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(order(Object.keys(map)).map((key) => [key, shuffled(map[key], order)]));
}

const aWorker = (index: number) => aNode({ address: `10.0.1.${index}`, role: ["worker"] });
const controlPlane = aNode({ address: "10.0.0.1", role: ["etcd", "controlplane"] });
const roles = fc.subarray(["etcd", "controlplane", "worker"], { minLength: 1 });

describe("planCluster()", () => {
  it("planCluster() plans the nodes in the order of the configuration", () => {
    const addresses = aPlan({ nodes: separatedNodes.toReversed() }).nodes.map(({ node }) => node.address);

    expect(addresses).toEqual(["10.0.0.4", "10.0.0.3", "10.0.0.2", "10.0.0.1"]);
  });

  it("planCluster() plans each node for its own engine", () => {
    const { config, release } = aCluster({ nodes: separatedNodes });
    const flatcar = { ...assumedDockerFacts, operatingSystem: "Flatcar Container Linux" };

    const { nodes } = planCluster(config, release, {
      docker: (address) => (address === "10.0.0.3" ? flatcar : undefined),
    });

    expect(nodes.map(({ prefixPath }) => prefixPath)).toEqual(["/", "/", "/opt/rke", "/"]);
  });

  it("planCluster() changes no container when the key for Secrets does: RKE restarts API servers, it makes no others", () => {
    const { config, release } = aCluster({ services: { kubeApi: { secretsEncryptionConfig: { enabled: true } } } });

    const [one, other] = ["b25l", "dHdv"].map((secret) =>
      planCluster(config, release, { encryptionKeys: [{ name: "k", secret }] }),
    ) as [ClusterPlan, ClusterPlan];

    expect(hashesOf(other)).toEqual(hashesOf(one));
    expect(other.nodes[0]?.files).not.toEqual(one.nodes[0]?.files);
  });

  it("planCluster() gives the same plan for the same arguments", () => {
    expect(aPlan(structuredClone(manySettings))).toEqual(aPlan(manySettings));
  });

  it("planCluster() changes no container with the order of keys in the arguments", () => {
    const expected = hashesOf(aPlan(manySettings));

    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const byChance = (keys: string[]) =>
          keys
            .map((key) => [numbers.next().value, key] as const)
            .sort(([a], [b]) => a - b)
            .map(([, key]) => key);
        expect(hashesOf(aPlan(shuffled(manySettings, byChance) as object))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["etcd", "etcd"],
    ["kubeApi", "kube-apiserver"],
    ["kubeController", "kube-controller-manager"],
    ["scheduler", "kube-scheduler"],
    ["kubelet", "kubelet"],
    ["kubeproxy", "kube-proxy"],
  ])("planCluster() lets every flag in the extraArgs of %s win", (service, name) => {
    const known = Object.keys(flagsOf(containerOf(aPlan(), "10.0.0.1", name))).filter((flag) => flag !== inCmd);
    const flag = fc.oneof(fc.constantFrom(...known), fc.stringMatching(/^[a-z][a-z-]{0,12}$/));
    const extra = fc.dictionary(flag, fc.stringMatching(/^[a-z0-9./:]{0,9}$/), { maxKeys: 6 });
    const { config, release } = aCluster();

    fc.assert(
      fc.property(extra, (extraArgs) => {
        const services = { ...config.services, [service]: { ...config.services[service as "etcd"], extraArgs } };
        const plan = planCluster({ ...config, services }, release);
        expect(flagsOf(containerOf(plan, "10.0.0.1", name))).toMatchObject(extraArgs);
      }),
      { numRuns: 50 },
    );
  });

  it("planCluster() gives no two containers of a node one name, whatever its roles", () => {
    fc.assert(
      fc.property(fc.array(roles, { maxLength: 5 }), (others) => {
        const nodes = [aNode(), ...others.map((role, index) => aNode({ address: `10.0.2.${index}`, role }))];
        const names = aPlan({ nodes }).nodes.map(({ containers }) => containers.map(({ spec }) => spec.name));
        expect(names.map((list) => new Set(list).size)).toEqual(names.map((list) => list.length));
      }),
      { numRuns: 30 },
    );
  });

  it("planCluster() changes no container on other nodes when a worker comes", () => {
    fc.assert(
      fc.property(fc.nat({ max: 6 }), fc.nat({ max: 6 }), (count, at) => {
        const workers = Array.from({ length: count }, (_, index) => aWorker(index));
        const before = hashesOf(aPlan({ nodes: [controlPlane, aNode({ address: "10.0.0.2" }), ...workers] }));
        const nodes = [controlPlane, aNode({ address: "10.0.0.2" }), ...workers].toSpliced(at, 0, aWorker(99));
        expect(hashesOf(aPlan({ nodes }))).toMatchObject(before);
      }),
      { numRuns: 30 },
    );
  });

  it("planCluster() changes no container with the order of the workers", () => {
    const workers = Array.from({ length: 5 }, (_, index) => aWorker(index));
    const expected = hashesOf(aPlan({ nodes: [controlPlane, ...workers] }));

    fc.assert(
      fc.property(fc.shuffledSubarray([controlPlane, ...workers], { minLength: 6 }), (nodes) => {
        expect(hashesOf(aPlan({ nodes }))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("planCluster() changes etcd on no node when members come, go or change places", () => {
    const members = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => aNode({ address }));
    const etcdHashes = (nodes: readonly object[]) => {
      const plan = aPlan({ nodes });
      return Object.fromEntries(
        plan.nodes.map(({ node }) => [node.address, containerOf(plan, node.address, "etcd").hash]),
      );
    };

    const all = etcdHashes(members);

    expect(etcdHashes(members.toReversed())).toEqual(all);
    expect(all).toMatchObject(etcdHashes(members.slice(1)));
  });
});
