import { describe, expect, it } from "vitest";
import { clusterContext } from "../../../../provider/desired/cluster-context.ts";
import { assumedDockerFacts } from "../../../../provider/desired/docker-facts.ts";
import { nodeContext } from "../../../../provider/desired/node-context.ts";
import { kubeApiserver } from "../../../../provider/desired/services/kube-apiserver.ts";
import { aNode } from "../../../support/findings.ts";
import { configured } from "../../../support/planned.ts";
import { vector } from "../../../support/vectors.ts";
import { aNodeContext, envOf, flagsOf, separatedNodes } from "../world.ts";

const three = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => aNode({ address }));
const withApi = (kubeApi: object, more: object = {}) => kubeApiserver(aNodeContext({ services: { kubeApi }, ...more }));

describe("kubeApiserver()", () => {
  it("kubeApiserver() asks the etcd member on its own machine first, the others in order", () => {
    const flags = flagsOf(kubeApiserver(aNodeContext({ nodes: three }, { node: 1 })));

    expect(flags["etcd-servers"]).toBe("https://10.0.0.2:2379,https://10.0.0.1:2379,https://10.0.0.3:2379");
  });

  it("kubeApiserver() asks all members in order where it has none beside it", () => {
    const flags = flagsOf(kubeApiserver(aNodeContext({ nodes: separatedNodes }, { node: 1 })));

    expect(flags["etcd-servers"]).toBe("https://10.0.0.1:2379");
  });

  it("kubeApiserver() asks an external etcd with the certificate that was given for it", () => {
    const { config, release } = configured(vector("etcd-external").clusterYml);
    const [node] = config.nodes;
    if (node === undefined) throw new Error("The vector has no node");

    const flags = flagsOf(kubeApiserver(nodeContext(clusterContext(config, release), node, assumedDockerFacts)));

    expect(flags).toMatchObject({
      "etcd-cafile": "/etc/kubernetes/ssl/kube-etcd-client-ca.pem",
      "etcd-certfile": "/etc/kubernetes/ssl/kube-etcd-client.pem",
      "etcd-keyfile": "/etc/kubernetes/ssl/kube-etcd-client-key.pem",
      "etcd-servers": (config.services.etcd.externalUrls ?? []).join(","),
      "etcd-prefix": config.services.etcd.path,
    });
  });

  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["node-1.example.com", undefined],
  ])("kubeApiserver() advertises %s only when it is an address", (address, expected) => {
    const flags = flagsOf(kubeApiserver(aNodeContext({ nodes: [aNode({ address })] })));

    expect(flags["advertise-address"]).toBe(expected);
  });

  it.each([
    ["alwaysPullImages", { alwaysPullImages: true }, ",AlwaysPullImages"],
    ["eventRateLimit", { eventRateLimit: { enabled: true } }, ",EventRateLimit"],
    ["both", { alwaysPullImages: true, eventRateLimit: { enabled: true } }, ",AlwaysPullImages,EventRateLimit"],
    ["a limit that is off", { eventRateLimit: { enabled: false } }, ""],
  ])("kubeApiserver() appends the admission plugins of %s to those of the release", (_, kubeApi, appended) => {
    const standard = flagsOf(withApi({}))["enable-admission-plugins"];

    expect(flagsOf(withApi(kubeApi))["enable-admission-plugins"]).toBe(`${standard}${appended}`);
  });

  it("kubeApiserver() appends to the old flag where the release has no other", () => {
    const context = aNodeContext({ services: { kubeApi: { alwaysPullImages: true } } });
    const options = { ...context.cluster.options, kubeApi: { "admission-control": "NodeRestriction" } };

    const flags = flagsOf(kubeApiserver({ ...context, cluster: { ...context.cluster, options } }));

    expect(flags["admission-control"]).toBe("NodeRestriction,AlwaysPullImages");
  });

  it("kubeApiserver() adds no flag for plugins to a release that has none", () => {
    const context = aNodeContext({ services: { kubeApi: { alwaysPullImages: true } } });
    const options = { ...context.cluster.options, kubeApi: {} };

    const flags = flagsOf(kubeApiserver({ ...context, cluster: { ...context.cluster, options } }));

    expect(Object.values(flags).filter((value) => value.includes("AlwaysPullImages"))).toEqual([]);
  });

  it("kubeApiserver() takes a person's list of plugins as it is", () => {
    const kubeApi = { alwaysPullImages: true, extraArgs: { "enable-admission-plugins": "NodeRestriction" } };

    expect(flagsOf(withApi(kubeApi))["enable-admission-plugins"]).toBe("NodeRestriction");
  });

  it("kubeApiserver() logs for audits by default, into a directory of the machine", () => {
    const planned = withApi({});

    expect(flagsOf(planned)["audit-log-path"]).toBe("/var/log/kube-audit/audit-log.json");
    expect(planned.spec.binds).toContain("/var/log/kube-audit:/var/log/kube-audit");
    expect(envOf(planned).RKE_AUDITLOG_CONFIG_CHECKSUM).toMatch(/^[0-9a-f]{64}$/);
  });

  it("kubeApiserver() has nothing of the audit log when it is off", () => {
    const planned = withApi({ auditLog: { enabled: false } });

    expect(Object.keys(flagsOf(planned)).filter((name) => name.startsWith("audit"))).toEqual([]);
    expect(planned.spec.binds).toEqual(["/etc/kubernetes:/etc/kubernetes"]);
  });

  it("kubeApiserver() sets the flags of an audit configuration also while the log is off, but mounts nothing", () => {
    const planned = withApi({ auditLog: { enabled: false, configuration: { maxAge: 3, path: "/x" } } });

    expect(flagsOf(planned)).toMatchObject({
      "audit-log-path": "/x",
      "audit-log-maxage": "3",
      "audit-log-maxbackup": "0",
      "audit-log-format": "",
    });
    expect(planned.spec.binds).toEqual(["/etc/kubernetes:/etc/kubernetes"]);
  });

  it("kubeApiserver() has no admission checksum when the person brings a file", () => {
    const planned = withApi({ extraArgs: { "admission-control-config-file": "/mine.yaml" } });

    expect([flagsOf(planned)["admission-control-config-file"], envOf(planned).RKE_ADMISSION_CONFIG_CHECKSUM]).toEqual([
      "/mine.yaml",
      undefined,
    ]);
  });

  it("kubeApiserver() encrypts Secrets with a file that lies beside the certificates", () => {
    const flags = flagsOf(withApi({ secretsEncryptionConfig: { enabled: true } }));

    expect(flags["encryption-provider-config"]).toBe("/etc/kubernetes/ssl/encryption.yaml");
  });

  it("kubeApiserver() checks kubelets when they have certificates of the cluster", () => {
    const services = { kubelet: { generateServingCertificate: true } };

    const flags = flagsOf(kubeApiserver(aNodeContext({ services })));

    expect(flags["kubelet-certificate-authority"]).toBe("/etc/kubernetes/ssl/kube-ca.pem");
  });

  it("kubeApiserver() asks the webhook for who somebody is", () => {
    const authentication = { webhook: { cacheTimeout: "9s" } };

    expect(flagsOf(kubeApiserver(aNodeContext({ authentication })))).toMatchObject({
      "authentication-token-webhook-config-file": "/etc/kubernetes/kube-api-authn-webhook.yaml",
      "authentication-token-webhook-cache-ttl": "9s",
    });
  });

  it("kubeApiserver() authorizes by RBAC unless the mode is another", () => {
    const old = { kubernetesVersion: "v1.20.15-rancher2-2" };

    const modes = [old, { ...old, authorization: { mode: "none" } }].map(
      (changes) => flagsOf(kubeApiserver(aNodeContext(changes)))["authorization-mode"],
    );

    expect(modes).toEqual(["Node,RBAC", undefined]);
  });

  it("kubeApiserver() signs tokens as the first issuer that it is told, before those a person adds", () => {
    const planned = withApi({
      extraArgsArray: { "service-account-issuer": ["https://b.example", "https://a.example"] },
    });

    const issuers = planned.spec.entrypoint?.filter((word) => word.startsWith("--service-account-issuer="));

    expect(issuers).toEqual(
      ["rke", "https://b.example", "https://a.example"].map((url) => `--service-account-issuer=${url}`),
    );
  });
});
