import { describe, expect, it } from "vitest";

import { releaseForUnknown, releaseOf } from "../../../provider/releases/index.ts";
import { overlayRelease } from "../../../provider/releases/overlay-release.ts";
import type { Release } from "../../../provider/releases/release.ts";
import { serviceOptions } from "../../../provider/releases/service-options.ts";

const linuxOptions = (release: Release, kubernetesImage = release.images.kubernetes ?? "") =>
  serviceOptions(release, { kubernetesImage, os: "linux" });

describe("serviceOptions()", () => {
  it("gives the flags of every component", () => {
    const options = linuxOptions(releaseOf("v1.32.7-rancher1-1"));

    expect(options).toMatchObject({
      etcd: { "client-cert-auth": "true", "peer-client-cert-auth": "true" },
      kubeApi: { "service-account-issuer": "rke", "secure-port": "6443" },
      kubeController: { "node-monitor-grace-period": "40s" },
      kubeProxy: { "healthz-bind-address": "127.0.0.1", v: "2" },
      kubelet: { "enforce-node-allocatable": "", "read-only-port": "0" },
      scheduler: { "leader-elect": "true", profiling: "false", v: "2" },
    });
  });

  it("gives an empty set where the metadata has none", () => {
    expect(linuxOptions(releaseOf("v1.9.5-rancher1-1")).etcd).toEqual({});
  });

  it("prefers the entry of the exact version", () => {
    const etcdOf = (version: string) => linuxOptions(releaseOf(version)).etcd["experimental-initial-corrupt-check"];

    expect(["v1.22.7-rancher1-1", "v1.22.7-rancher1-2", "v1.22.9-rancher1-1"].map(etcdOf)).toEqual([
      undefined,
      "true",
      undefined,
    ]);
  });

  it("follows the minor of the Kubernetes image when it is another one", () => {
    const release = releaseOf("v1.23.16-rancher2-3");

    const options = linuxOptions(release, "mirror/hyperkube:v1.21.14-rancher1");

    expect(options).toEqual(linuxOptions(releaseOf("v1.21.14-rancher1-1")));
  });

  it("prefers the entry of the exact version to the minor of the image", () => {
    const release = releaseOf("v1.22.7-rancher1-2");

    const options = linuxOptions(release, "mirror/hyperkube:v1.21.14-rancher1");

    expect(options).toEqual(linuxOptions(release));
  });

  it("gives an unknown version the flags of its minor", () => {
    const options = linuxOptions(releaseForUnknown("v1.31.99-rancher1-1"), "x/hyperkube:v1.31.99-rancher1");

    expect(options).toEqual(linuxOptions(releaseOf("v1.31.11-rancher1-1")));
  });

  it("has flags of its own for Windows", () => {
    const release = releaseOf("v1.26.15-rancher1-1");

    const options = serviceOptions(release, { kubernetesImage: release.images.kubernetes ?? "", os: "windows" });

    expect(options).toMatchObject({
      etcd: {},
      kubelet: { "cgroups-per-qos": "false", "resolv-conf": "''" },
      kubeProxy: { "proxy-mode": "kernelspace" },
    });
  });

  it("refuses a minor that the metadata does not have", () => {
    const release = releaseForUnknown("v1.33.1-rancher1-1");

    expect(() => linuxOptions(release, "x/hyperkube:v1.33.1-rancher1")).toThrow(
      expect.objectContaining({
        code: "config",
        detail: expect.objectContaining({
          because: 'the metadata of RKE has none for "v1.33.1-rancher1-1" and none for "v1.33"',
        }),
      }),
    );
  });

  it("refuses Windows where RKE had none yet", () => {
    const release = releaseOf("v1.14.9-rancher1-1");

    expect(() => serviceOptions(release, { kubernetesImage: "x:v1.14.9", os: "windows" })).toThrow("on windows");
  });

  it("lays the flags of the user over those of the metadata", () => {
    const release = overlayRelease(releaseOf("v1.32"), {
      options: { linux: { scheduler: { v: "4", profiling: "", "kube-api-qps": "100" } } },
    });

    expect(linuxOptions(release).scheduler).toEqual({
      "kube-api-qps": "100",
      "leader-elect": "true",
      profiling: "",
      v: "4",
    });
  });

  it("takes all flags from the user when the metadata has none", () => {
    const release = overlayRelease(releaseForUnknown("v1.33.1-rancher1-1"), {
      options: { linux: { scheduler: { v: "4" } } },
    });

    const options = linuxOptions(release, "x/hyperkube:v1.33.1");

    expect(options).toEqual({
      etcd: {},
      kubeApi: {},
      kubeController: {},
      kubelet: {},
      kubeProxy: {},
      scheduler: { v: "4" },
    });
  });

  it("refuses an image without a version", () => {
    expect(() => linuxOptions(releaseOf("v1.32"), "mirror/hyperkube:latest")).toThrow("systemImages.kubernetes");
  });
});
