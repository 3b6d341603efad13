import { describe, it } from "vitest";

import { accepts, refuses, warns } from "../../../support/findings.ts";

describe("imageRules()", () => {
  it.each([
    [
      { systemImages: { etcd: "x/etcd" } },
      'systemImages.etcd: "x/etcd" has no tag: flags depend on the version, so a tag such as v3.5.16 is needed',
    ],
    [{ systemImages: { etcd: `x/etcd@sha256:${"a".repeat(64)}` } }, "has no tag"],
    [{ systemImages: { kubernetes: "x/hyperkube:latest" } }, 'has the tag "latest", which is not a version'],
    [
      { systemImages: { coredns: "https://x/coredns:1" } },
      'systemImages.coredns: "https://x/coredns:1" is not the name of an image',
    ],
    [{ systemImages: { coredns: "x/Core DNS" } }, "is not the name of an image"],
    [
      { services: { kubelet: { infraContainerImage: ":1" } } },
      'services.kubelet.infraContainerImage: ":1" is not the name of an image',
    ],
    [
      { kubernetesVersion: "v1.33.1-rancher1-1", systemImages: { kubernetes: "x/hyperkube:v1.33.1" } },
      "systemImages: RKE does not know v1.33.1-rancher1-1, so every image must be named, and these are missing: etcd, podInfraContainer, alpine, nginxProxy, certDownloader, kubernetesServicesSidecar, canalNode, canalCni, canalFlannel, coredns, corednsAutoscaler, metricsServer, ingress, ingressBackend, ingressWebhook",
    ],
  ])("refuses %j", refuses);

  it("warns of a Kubernetes image that is not public", () => {
    warns({ kubernetesVersion: "v1.32.7-rancher1-1" }, "is not public: choose a version before it");
  });

  it("warns of an image of another minor", () => {
    warns({ systemImages: { kubernetes: "x/hyperkube:v1.31.6" } }, "is not an image of v1.32.6-rancher1-1");
  });

  it.each([
    { systemImages: { coredns: "localhost:5000/a/b__c/d-e:v1.2_3" } },
    { systemImages: { alpine: "rke-tools", etcd: "registry.example.com/etcd:3.5.16" } },
    { systemImages: { coredns: `x/coredns:1@sha256:${"a".repeat(64)}`, ingress: "" } },
  ])("accepts %j", accepts);
});
