import { describe, expect, it, vi } from "vitest";

import {
  currentVersions,
  defaultVersion,
  knownVersions,
  releaseForUnknown,
  releaseOf,
} from "../../../provider/releases/index.ts";

describe("releaseOf()", () => {
  it("reads the data of no other minor", async () => {
    const filesRead = () => Object.keys(require.cache).filter((path) => /\/v1\.\d+\.json$/.test(path));
    for (const path of filesRead()) delete require.cache[path];
    vi.resetModules();
    const anew = await import("../../../provider/releases/index.ts");

    anew.releaseOf("v1.27.16-rancher1-1");

    expect(filesRead()).toEqual([expect.stringMatching(/\/v1\.27\.json$/)]);
  });

  it.each(knownVersions())("knows %s", (version) => {
    const release = releaseOf(version);

    expect(release).toMatchObject({ kubernetesVersion: version, known: true });
    expect(release.images.kubernetes).toContain(`hyperkube:${version.replace(/-\d+$/, "")}`);
  });

  it.each([
    ["v1.30", "v1.30.14-rancher1-1"],
    ["v1.30.x", "v1.30.14-rancher1-1"],
    ["v1.30.14", "v1.30.14-rancher1-1"],
    ["v1.23.16", "v1.23.16-rancher2-3"],
    ["v1.9.7", "v1.9.7-rancher2-2"],
    ["v1.32", "v1.32.6-rancher1-1"],
    ["v1.32.7", "v1.32.7-rancher1-1"],
  ])("takes %s for the newest of it, %s", (shorthand, expected) => {
    expect(releaseOf(shorthand).kubernetesVersion).toBe(expected);
  });

  it("does not take v1.12.1 for v1.12.10", () => {
    expect(releaseOf("v1.12.1").kubernetesVersion).toMatch(/^v1\.12\.1-/);
  });

  it("has the images of a version that changed some of those before it", () => {
    expect(releaseOf("v1.32.7-rancher1-1").images).toMatchObject({
      alpine: "rancher/rke-tools:v0.1.114",
      calicoFlexVol: "rancher/mirrored-calico-pod2daemon-flexvol:v3.30.2",
      etcd: "rancher/mirrored-coreos-etcd:v3.5.16",
      ingress: "rancher/nginx-ingress-controller:nginx-1.12.1-rancher4",
      kubernetes: "rke-extended-life/hyperkube:v1.32.7-rancher1",
      podInfraContainer: "rancher/mirrored-pause:3.7",
    });
  });

  it("has the images of the oldest version", () => {
    expect(releaseOf("v1.9.5-rancher1-1").images).toMatchObject({
      etcd: "rancher/coreos-etcd:v3.1.12",
      kubernetes: "rancher/hyperkube:v1.9.5-rancher1",
      kubernetesServicesSidecar: "rancher/rke-tools:v0.1.4",
      podInfraContainer: "rancher/pause-amd64:3.0",
    });
  });

  it("has no key for an image that was never there or went away", () => {
    const { images } = releaseOf("v1.30.14-rancher1-1");

    expect(Object.keys(images)).not.toEqual(expect.arrayContaining(["weaveNode"]));
    expect(Object.values(images)).not.toContain("");
  });

  it("has the template of each addon, and none where RKE has none", () => {
    expect(releaseOf("v1.14.9-rancher1-1").templates).toEqual({
      calico: "calico-v1.13",
      canal: "canal-v1.13",
      coreDNS: "coredns-v1.8",
      flannel: "flannel-v1.8",
      kubeDNS: "kubedns-v1.8",
      metricsServer: "metricsserver-v1.8",
      nginxIngress: "nginxingress-v1.15",
      weave: "weave-v1.8",
    });
  });

  it("says whether nodelocal DNS can be deployed", () => {
    const versions = ["v1.15.10-rancher1-1", "v1.15.11-rancher1-1"];

    expect(versions.map((version) => releaseOf(version).hasNodelocalTemplate)).toEqual([false, true]);
  });

  it("backs up old versions with the tools of the default version", () => {
    expect(releaseOf("v1.9.5-rancher1-1").backupImageTag).toBe("v0.1.114");
  });

  it("lists the newest of the same minor when it does not know a version", () => {
    expect(() => releaseOf("v1.30.99-rancher7-8")).toThrow(
      expect.objectContaining({
        code: "config",
        message: [
          'Cannot use Kubernetes version "v1.30.99-rancher7-8": RKE v1.8.6 does not know it',
          "  The nearest are v1.30.14-rancher1-1, v1.30.13-rancher1-1, v1.30.12-rancher1-1; " +
            "for any other version, name every image in systemImages",
        ].join("\n"),
      }),
    );
  });

  it.each(["v1.33", "v1.33.x", "v1.33.1", "v1.33.1-rancher1-1", "v2.0"])(
    "lists the newest of all when it does not know the minor of %s",
    (version) => {
      expect(() => releaseOf(version)).toThrow(
        "The nearest are v1.32.7-rancher1-1, v1.31.11-rancher1-1, v1.30.14-rancher1-1",
      );
    },
  );

  it("says why a version of the metadata cannot be used", () => {
    expect(() => releaseOf("v1.8.11-rancher2-1")).toThrow(
      expect.objectContaining({
        code: "config",
        message:
          'Cannot use Kubernetes version "v1.8.11-rancher2-1": ' +
          "RKE v1.8.6 has images for it but no flags for its components\n" +
          "  The oldest version that can be used is v1.9.5-rancher1-1",
      }),
    );
  });

  it.each([
    ["1.30", 'it must start with "v"'],
    ["v1.32-rancher1", "is not valid semver"],
    ["v1.30.x-rancher1-1", "is not valid semver"],
    ["latest", 'it must start with "v"'],
  ])("refuses %s", (version, because) => {
    expect(() => releaseOf(version)).toThrow(because);
  });
});

describe("releaseForUnknown()", () => {
  it("knows all but the images when the minor is known", () => {
    const { kubernetesVersion, known, images, dockerVersions, templates } = releaseForUnknown("v1.31.99-rancher1-1");

    expect({ kubernetesVersion, known, images }).toEqual({
      kubernetesVersion: "v1.31.99-rancher1-1",
      known: false,
      images: {},
    });
    expect(dockerVersions).toContain("28.1.x");
    expect(templates).toMatchObject({ canal: "canal-v3.30.2", nginxIngress: "nginxingress-v1.12.0-rancher1" });
  });

  it("knows no Docker version for a minor of the future", () => {
    expect(releaseForUnknown("v1.40.0-rancher1-1")).toMatchObject({
      minor: "v1.40",
      minorNumber: 40,
      dockerVersions: [],
      weave: "removed",
    });
  });

  it("refuses a version that is not semver", () => {
    expect(() => releaseForUnknown("v1.33")).toThrow('"v1.33" is not valid semver');
  });
});

describe("knownVersions()", () => {
  it("has all versions that RKE accepts", () => {
    const versions = knownVersions();

    expect(versions).toHaveLength(333);
    expect([versions.at(0), versions.at(-1)]).toEqual(["v1.9.5-rancher1-1", "v1.32.7-rancher1-1"]);
  });

  it("has no version that is refused", () => {
    expect(knownVersions()).not.toContain("v1.8.11-rancher2-1");
  });

  it("has the default and the current ones", () => {
    expect(knownVersions()).toEqual(expect.arrayContaining([defaultVersion, ...currentVersions]));
  });
});
