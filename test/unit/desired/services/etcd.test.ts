import { describe, expect, it } from "vitest";

import { etcd } from "../../../../provider/desired/services/etcd.ts";
import { aNode } from "../../../support/findings.ts";
import { aNodeContext, envOf, flagsOf } from "../world.ts";

const members = [
  aNode({ address: "1.1.1.1", internalAddress: "10.0.0.1", hostnameOverride: "Node-A" }),
  aNode({ address: "10.0.0.2" }),
  aNode({ address: "10.0.0.3", hostnameOverride: "node-c" }),
];

describe("etcd()", () => {
  it("etcd() lists all members in the order of the configuration, by name and internal address", () => {
    const flags = flagsOf(etcd(aNodeContext({ nodes: members }, { node: 1 })));

    expect([flags.name, flags["initial-cluster"]]).toEqual([
      "etcd-10.0.0.2",
      "etcd-node-a=https://10.0.0.1:2380,etcd-10.0.0.2=https://10.0.0.2:2380,etcd-node-c=https://10.0.0.3:2380",
    ]);
  });

  it.each([
    [0, "https://10.0.0.1:2379", "https://10.0.0.1:2380", "https://10.0.0.1:2379"],
    [1, "https://0.0.0.0:2379", "https://0.0.0.0:2380", "https://127.0.0.1:2379"],
  ])(
    "etcd() listens on the internal address, or on all where there is none (node %i)",
    (node, client, peer, endpoint) => {
      const planned = etcd(aNodeContext({ nodes: members }, { node }));

      const flags = flagsOf(planned);
      expect([flags["listen-client-urls"], flags["listen-peer-urls"], envOf(planned).ETCDCTL_ENDPOINTS]).toEqual([
        client,
        peer,
        endpoint,
      ]);
    },
  );

  it("etcd() starts a new cluster unless it is told to join one", () => {
    const states = [etcd(aNodeContext()), etcd(aNodeContext(), { state: "existing" })].map(flagsOf);

    expect(states.map((flags) => flags["initial-cluster-state"])).toEqual(["new", "existing"]);
  });

  it("etcd() names its certificates after the internal address", () => {
    const flags = flagsOf(etcd(aNodeContext({ nodes: members })));

    expect([flags["cert-file"], flags["peer-key-file"]]).toEqual([
      "/etc/kubernetes/ssl/kube-etcd-10-0-0-1.pem",
      "/etc/kubernetes/ssl/kube-etcd-10-0-0-1-key.pem",
    ]);
  });

  it.each([
    ["x/etcd:v3.4.14-rancher1", "https://10.0.0.1:2379", false],
    ["x/etcd:v3.4.3-rancher1", "https://10.0.0.1:2379,https://10.0.0.1:4001", false],
    ["x/etcd:v3.4.15-rancher1", "https://10.0.0.1:2379", true],
  ])("etcd() advertises and encrypts as %s does", (image, advertised, limitsCiphers) => {
    const flags = flagsOf(etcd(aNodeContext({ systemImages: { etcd: image } })));

    expect([flags["advertise-client-urls"], flags["cipher-suites"] !== undefined]).toEqual([advertised, limitsCiphers]);
  });

  it.each([
    ["x/etcd:v3.2.24-rancher1", "ETCDCTL_ENDPOINT=https://0.0.0.0:2379"],
    ["x/etcd:v3.3.10-rancher1", "ETCDCTL_ENDPOINTS=https://127.0.0.1:2379"],
  ])("etcd() tells etcdctl of %s where to ask", (image, variable) => {
    const { spec } = etcd(aNodeContext({ systemImages: { etcd: image } }));

    expect(spec.env).toContain(variable);
  });

  it("etcd() checks clients and peers, also when neither the release nor the person says so", () => {
    const context = aNodeContext();
    const options = { ...context.cluster.options, etcd: {} };

    const { cmd } = etcd({ ...context, cluster: { ...context.cluster, options } }).spec;

    expect(cmd?.slice(0, 3)).toEqual(["/usr/local/bin/etcd", "--client-cert-auth", "--peer-client-cert-auth"]);
  });

  it("etcd() says it once when the release does", () => {
    const words = etcd(aNodeContext()).spec.cmd?.filter((word) => word.includes("client-cert-auth"));

    expect(words).toEqual(["--client-cert-auth=true", "--peer-client-cert-auth=true"]);
  });

  it("etcd() lets a person override what the configuration sets", () => {
    const services = { etcd: { extraArgs: { "election-timeout": "9000", "data-dir": "/mine" } } };

    const flags = flagsOf(etcd(aNodeContext({ services })));

    expect([flags["election-timeout"], flags["heartbeat-interval"], flags["data-dir"]]).toEqual([
      "9000",
      "500",
      "/mine",
    ]);
  });

  it.each([
    [{ uid: 52034, gid: 52035 }, "52034:52034"],
    [{ uid: 52034 }, undefined],
    [{ gid: 52035 }, undefined],
    [{ uid: 0, gid: 0 }, undefined],
  ])("etcd() runs for %j as the user %s", (service, user) => {
    expect(etcd(aNodeContext({ services: { etcd: service } })).spec.user).toBe(user);
  });

  it("etcd() keeps its data below the prefix of the machine, and a person's mounts where they are", () => {
    const context = aNodeContext({ prefixPath: "/opt/rke", services: { etcd: { extraBinds: ["/data:/data:z"] } } });

    expect(etcd(context).spec.binds).toEqual([
      "/opt/rke/var/lib/etcd:/var/lib/rancher/etcd/",
      "/opt/rke/etc/kubernetes:/etc/kubernetes",
      "/data:/data:z",
    ]);
  });

  it.each([
    ["x86_64", "x86_64"],
    ["aarch64", "arm64"],
  ])("etcd() accepts the architecture %s as %s", (architecture, name) => {
    expect(envOf(etcd(aNodeContext({}, { docker: { architecture } }))).ETCD_UNSUPPORTED_ARCH).toBe(name);
  });

  it("etcd() keeps a person's variables last, and repeated ones repeated", () => {
    const { spec } = etcd(aNodeContext({ services: { etcd: { extraEnv: ["A=1", "A=1"] } } }));

    expect(spec.env?.slice(-2)).toEqual(["A=1", "A=1"]);
  });
});
