import { describe, expect, it } from "vitest";

import { etcdImageTraits, kubernetesImageTraits, toolsEntrypoint } from "../../../provider/releases/image-traits.ts";

const oldEtcd = { advertisesPort4001: true, limitsCipherSuites: false, restoresSnapshots: true };

describe("etcdImageTraits()", () => {
  it.each([
    ["rancher/coreos-etcd:v3.1.12", { ...oldEtcd, endpointVariable: "ETCDCTL_ENDPOINT" }],
    ["rancher/coreos-etcd:v3.2.24-rancher1", { ...oldEtcd, endpointVariable: "ETCDCTL_ENDPOINT" }],
    ["rancher/coreos-etcd:v3.3.10-rancher1", { ...oldEtcd, endpointVariable: "ETCDCTL_ENDPOINTS" }],
    ["rancher/coreos-etcd:v3.4.3-rancher1", { ...oldEtcd, endpointVariable: "ETCDCTL_ENDPOINTS" }],
  ])("tells clients of %s port 4001", (image, expected) => {
    expect(etcdImageTraits(image)).toEqual(expected);
  });

  it.each([
    ["rancher/coreos-etcd:v3.4.13-rancher1", false],
    ["rancher/coreos-etcd:v3.4.14-rancher1", false],
    ["rancher/coreos-etcd:v3.4.15-rancher1", true],
    ["rancher/mirrored-coreos-etcd:v3.5.16", true],
    ["mirror/etcd:3.5.0", true],
  ])("has no port 4001 any more with %s, and cipher suites: %s", (image, limitsCipherSuites) => {
    expect(etcdImageTraits(image)).toMatchObject({ advertisesPort4001: false, limitsCipherSuites });
  });

  it("takes a plain v3.4.3 for newer than any v3.4.3 of Rancher", () => {
    expect(etcdImageTraits("quay.example/etcd:v3.4.3").advertisesPort4001).toBe(false);
  });

  it.each([
    ["rancher/mirrored-coreos-etcd:v3.5.6", true],
    ["rancher/mirrored-coreos-etcd:v3.5.7", false],
    ["registry.example:5000/rancher/mirrored-coreos-etcd:v3.5.16", false],
    ["mirror/etcd:v3.5.16", true],
  ])("says whether %s restores snapshots itself: %s", (image, expected) => {
    expect(etcdImageTraits(image).restoresSnapshots).toBe(expected);
  });

  it.each(["mirror/etcd", "registry.example:5000/etcd", `mirror/etcd@sha256:${"0".repeat(64)}`])(
    "refuses %s, which has no tag",
    (image) => {
      expect(() => etcdImageTraits(image)).toThrow(
        expect.objectContaining({
          code: "config",
          detail: expect.objectContaining({
            doing: `use the image "${image}" as systemImages.etcd`,
            because: "it has no tag, and the flags of its containers depend on its version",
            hint: expect.stringContaining("Add a tag"),
          }),
        }),
      );
    },
  );

  it("refuses a tag that is not a version", () => {
    expect(() => etcdImageTraits("mirror/etcd:latest")).toThrow('its tag "latest" is not a version');
  });

  it("reads the tag that stands before a digest", () => {
    const image = `mirror/etcd:v3.2.24@sha256:${"0".repeat(64)}`;

    expect(etcdImageTraits(image).endpointVariable).toBe("ETCDCTL_ENDPOINT");
  });
});

describe("kubernetesImageTraits()", () => {
  it.each([
    ["v1.21.14-rancher1", "http://localhost:10252/healthz", "http://localhost:10251/healthz"],
    ["v1.22.17-rancher1", "https://localhost:10257/healthz", "http://localhost:10251/healthz"],
    ["v1.23.16-rancher2", "https://localhost:10257/healthz", "https://localhost:10259/healthz"],
    ["1.32.7", "https://localhost:10257/healthz", "https://localhost:10259/healthz"],
  ])("knows where %s answers", (tag, controllerManagerHealthUrl, schedulerHealthUrl) => {
    expect(kubernetesImageTraits(`rancher/hyperkube:${tag}`)).toMatchObject({
      controllerManagerHealthUrl,
      schedulerHealthUrl,
    });
  });

  it.each(["v1.31.6-rancher1", "1.31.6"])("has the minor of %s", (tag) => {
    expect(kubernetesImageTraits(`registry.example:5000/hyperkube:${tag}`).minor).toBe("v1.31");
  });

  it("names its own key when it refuses an image", () => {
    expect(() => kubernetesImageTraits("mirror/hyperkube")).toThrow("systemImages.kubernetes");
  });
});

describe("toolsEntrypoint()", () => {
  it.each([
    ["rancher/rke-tools:v0.1.4", "/opt/rke/entrypoint.sh"],
    ["mirror/tools:v0.1.12", "/opt/rke/entrypoint.sh"],
    ["rancher/rke-tools:v0.1.13", "/opt/rke-tools/entrypoint.sh"],
    ["rancher/rke-tools:v0.1.16-2", "/opt/rke-tools/entrypoint.sh"],
    ["rancher/rke-tools:v0.1.114", "/opt/rke-tools/entrypoint.sh"],
    ["mirror/tools:latest", "/opt/rke-tools/entrypoint.sh"],
    ["mirror/tools", "/opt/rke-tools/entrypoint.sh"],
  ])("with %s is %s", (image, expected) => {
    expect(toolsEntrypoint(image)).toBe(expected);
  });
});
