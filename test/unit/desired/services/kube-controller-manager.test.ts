import { describe, expect, it } from "vitest";

import { kubeControllerManager } from "../../../../provider/desired/services/kube-controller-manager.ts";
import { aNodeContext, flagsOf } from "../world.ts";

describe("kubeControllerManager()", () => {
  it("kubeControllerManager() knows the ranges of pods and of Services", () => {
    const range = { serviceClusterIpRange: "10.97.0.0/16" };
    const services = {
      kubeController: { clusterCidr: "10.96.0.0/16", ...range },
      kubeApi: range,
      kubelet: { clusterDnsServer: "10.97.0.10" },
    };

    expect(flagsOf(kubeControllerManager(aNodeContext({ services })))).toMatchObject({
      "cluster-cidr": "10.96.0.0/16",
      "service-cluster-ip-range": "10.97.0.0/16",
    });
  });

  it.each([
    ["rbac", ["--use-service-account-credentials=true"]],
    ["none", undefined],
  ])("kubeControllerManager() works with accounts of its own in the mode %s", (mode, cmd) => {
    const context = aNodeContext({ kubernetesVersion: "v1.20.15-rancher2-2", authorization: { mode } });

    expect(kubeControllerManager(context).spec.cmd).toEqual(cmd);
  });

  it("kubeControllerManager() has this flag behind those of a person, where it wins as it does in RKE", () => {
    const kubeController = { extraArgs: { "use-service-account-credentials": "false" } };

    const { entrypoint, cmd } = kubeControllerManager(aNodeContext({ services: { kubeController } })).spec;

    expect(entrypoint).toContain("--use-service-account-credentials=false");
    expect(cmd).toEqual(["--use-service-account-credentials=true"]);
  });

  it.each([
    ["v1.21.14-rancher1-1", "http://localhost:10252/healthz"],
    ["v1.22.17-rancher1-2", "https://localhost:10257/healthz"],
  ])("kubeControllerManager() of %s answers at %s", (kubernetesVersion, url) => {
    expect(kubeControllerManager(aNodeContext({ kubernetesVersion })).healthCheckUrl).toBe(url);
  });

  it("kubeControllerManager() notices a change of the cloud configuration", () => {
    const cloudProvider = { name: "x", customCloudProvider: "text" };

    const { env } = kubeControllerManager(
      aNodeContext({ cloudProvider, services: { kubeController: { extraEnv: ["CM=1"] } } }),
    ).spec;

    expect(env).toEqual(["CM=1", expect.stringMatching(/^RKE_CLOUD_CONFIG_CHECKSUM=[0-9a-f]{64}$/)]);
  });
});
