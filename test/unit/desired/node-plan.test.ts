import { describe, expect, it } from "vitest";

import { certificatesOn, planNode } from "../../../provider/desired/node-plan.ts";
import { aNode } from "../../support/findings.ts";
import { aNodeContext, aPlan, selinux, separatedNodes, windows } from "./world.ts";

/** The plan of the first of two machines; the second one has every role. */
function planOf(role: readonly string[], changes: object = {}) {
  const [plan] = aPlan({ nodes: [aNode({ role }), aNode({ address: "10.0.0.9" })], ...changes }).nodes;
  if (plan === undefined) throw new Error("There is no node");
  return plan;
}

const names = (role: readonly string[], changes: object = {}) =>
  planOf(role, changes).containers.map(({ spec }) => spec.name);

const controlPlane = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
const onAll = ["kubelet", "kube-proxy"];

describe("planNode()", () => {
  it.each<[readonly string[], readonly string[]]>([
    [["worker"], ["service-sidekick", "nginx-proxy", ...onAll]],
    [["etcd"], ["service-sidekick", "etcd", "etcd-rolling-snapshots", "nginx-proxy", ...onAll]],
    [["controlplane"], ["service-sidekick", ...controlPlane, ...onAll]],
    [
      ["etcd", "worker"],
      ["service-sidekick", "etcd", "etcd-rolling-snapshots", "nginx-proxy", ...onAll],
    ],
    [
      ["etcd", "controlplane"],
      ["service-sidekick", "etcd", "etcd-rolling-snapshots", ...controlPlane, ...onAll],
    ],
    [
      ["worker", "controlplane", "etcd"],
      ["service-sidekick", "etcd", "etcd-rolling-snapshots", ...controlPlane, ...onAll],
    ],
  ])("planNode() gives a node that is %j its containers, in an order in which they can start", (role, containers) => {
    expect(names(role)).toEqual(containers);
  });

  it("planNode() knows what rke 1.8.0 has in the place of newer checksums", () => {
    const env = (kubernetesVersion: string) => {
      const planned = planOf(["controlplane"], { kubernetesVersion }).containers;
      return planned.flatMap(({ spec, olderSpec }) => (olderSpec === undefined ? [] : [[spec.name, olderSpec.env]]));
    };

    expect(env("v1.31.4-rancher1-1")).toEqual([]);
    // As its binary has started kube-apiserver on a machine.
    expect(env("v1.32.2-rancher1-1")).toEqual([
      [
        "kube-apiserver",
        [
          "RKE_ADMISSION_CONFIG_CHECKSUM=69ff71a7958fe5108686fd89fcbff80d",
          "RKE_AUDITLOG_CONFIG_CHECKSUM=856f426399fb14a50b78e721d15c168c",
        ],
      ],
    ]);
  });

  it("planNode() takes no recurring snapshots where they are off", () => {
    expect(names(["etcd"], { services: { etcd: { snapshot: false } } })).not.toContain("etcd-rolling-snapshots");
  });

  it.each([
    [["worker"], [10250]],
    [["controlplane"], [10250, 6443]],
    [["etcd"], [10250, 2379, 2380]],
    [
      ["etcd", "controlplane"],
      [10250, 6443, 2379, 2380],
    ],
  ])("planNode() wants the ports of a node that is %j: %j", (role, ports) => {
    expect(planOf(role).portChecks).toEqual(ports.map((port) => ({ address: "10.0.0.1", port, protocol: "TCP" })));
  });

  it("planNode() puts files about API servers on control planes only", () => {
    const changes = { services: { kubeApi: { secretsEncryptionConfig: { enabled: true } } } };

    const paths = [["worker"], ["controlplane"]].map((role) => planOf(role, changes).files.map(({ path }) => path));

    expect(paths).toEqual([
      [],
      ["/etc/kubernetes/ssl/encryption.yaml", "/etc/kubernetes/admission.yaml", "/etc/kubernetes/audit-policy.yaml"],
    ]);
  });

  it("planNode() puts the cloud configuration and the webhook's file on every node, also where they are empty", () => {
    const changes = { cloudProvider: { name: "external" }, authentication: { strategy: "x509|webhook" } };

    const { files } = planOf(["worker"], changes);

    expect(files).toEqual([
      { path: "/etc/kubernetes/cloud-config", content: "" },
      { path: "/etc/kubernetes/kube-api-authn-webhook.yaml", content: expect.stringContaining("127.0.0.1:6440") },
    ]);
  });

  it("planNode() leaves files of the person's alone", () => {
    const extraArgs = { "admission-control-config-file": "/my/admission.yaml", "audit-policy-file": "/my/policy.yaml" };

    expect(planOf(["controlplane"], { services: { kubeApi: { extraArgs } } }).files).toEqual([]);
  });

  it("planNode() names every image once, with those that no container of the plan uses by itself", () => {
    const { images } = planOf(["worker"], { systemImages: { alpine: "x/alpine:1", certDownloader: "x/certs:1" } });

    expect(images).toEqual([
      "rancher/rke-tools:v0.1.114",
      "rancher/hyperkube:v1.32.6-rancher1",
      "rancher/mirrored-pause:3.7",
      "x/certs:1",
      "x/alpine:1",
    ]);
  });

  it("planNode() assumes a current Linux of a machine that nobody has looked at", () => {
    const { cluster, node } = aNodeContext();

    expect(planNode(cluster, node).docker).toMatchObject({ osType: "linux", dockerRootDir: "/var/lib/docker" });
  });

  it("planNode() plans for the engine that is there", () => {
    const { cluster, node, docker } = aNodeContext({}, { docker: { ...selinux, operatingSystem: "Flatcar Linux" } });

    const { prefixPath, containers } = planNode(cluster, node, docker);

    expect(prefixPath).toBe("/opt/rke");
    expect(containers.find(({ spec }) => spec.name === "etcd")?.spec.securityOpt).toEqual([
      "label=type:rke_container_t",
    ]);
  });

  it("planNode() gives a Windows worker the containers that run there", () => {
    const { cluster, node, docker } = aNodeContext({ nodes: separatedNodes }, { node: 2, docker: windows });

    const { containers } = planNode(cluster, node, docker);

    expect(containers.map(({ spec, starts }) => [spec.name, starts])).toEqual([
      ["service-sidekick", true],
      ["nginx-proxy", true],
      ["kubelet", true],
      ["kube-proxy", true],
    ]);
  });
});

describe("certificatesOn()", () => {
  const bundle = ["kube-ca", "kube-admin", "kube-node", "kube-apiserver", "kube-etcd-10-0-0-1", "kube-etcd-10-0-0-9"];

  it.each([
    [["worker"], ["kube-ca without its key", "kube-node"]],
    [["etcd"], ["kube-ca without its key", "kube-node", "kube-etcd-10-0-0-1"]],
    [["controlplane"], ["kube-ca", "kube-node", "kube-apiserver"]],
  ])("certificatesOn() a node that is %j are its own only", (role, expected) => {
    const certificates = certificatesOn(planOf(role), bundle);

    expect(certificates.map(({ name, withKey }) => (withKey ? name : `${name} without its key`))).toEqual(expected);
  });
});
