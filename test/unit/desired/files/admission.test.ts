import { load } from "js-yaml";
import { describe, expect, it } from "vitest";

import { admissionFile } from "../../../../provider/desired/files/admission.ts";
import type { Json } from "../../../support/vectors.ts";
import { aCluster } from "../world.ts";

const header = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AdmissionConfiguration" };

function textOf(kubeApi: object, kubernetesVersion = "v1.32.7-rancher1-1"): string {
  const { config, release } = aCluster({ kubernetesVersion, services: { kubeApi } });
  return admissionFile(config.services.kubeApi, release) ?? "";
}

function pluginsOf(...args: Parameters<typeof textOf>): Json {
  return Object.fromEntries((load(textOf(...args)) as Json).plugins.map((plugin: Json) => [plugin.name, plugin]));
}

describe("admissionFile()", () => {
  it("admissionFile() limits events and lets all pods be, by default", () => {
    expect(textOf({})).toMatchInlineSnapshot(`
      "apiVersion: apiserver.config.k8s.io/v1
      kind: AdmissionConfiguration
      plugins:
      - configuration:
          apiVersion: eventratelimit.admission.k8s.io/v1alpha1
          kind: Configuration
          limits:
          - burst: 20000
            qps: 5000
            type: Server
        name: EventRateLimit
        path: ""
      - configuration:
          apiVersion: pod-security.admission.config.k8s.io/v1
          defaults:
            enforce: privileged
            enforce-version: latest
          exemptions: {}
          kind: PodSecurityConfiguration
        name: PodSecurity
        path: ""
      "
    `);
  });

  it.each([
    ["v1.22.17-rancher1-2", undefined],
    ["v1.23.16-rancher2-3", "pod-security.admission.config.k8s.io/v1beta1"],
    ["v1.24.17-rancher1-1", "pod-security.admission.config.k8s.io/v1beta1"],
    ["v1.25.16-rancher2-3", "pod-security.admission.config.k8s.io/v1"],
  ])("admissionFile() of %s has pod security as %s", (version, apiVersion) => {
    expect(pluginsOf({}, version).PodSecurity?.configuration.apiVersion).toBe(apiVersion);
  });

  it("admissionFile() holds pods to the restricted level but those of the system", () => {
    const { configuration } = pluginsOf({ podSecurityConfiguration: "restricted" }).PodSecurity;

    expect(configuration).toMatchObject({
      defaults: {
        enforce: "restricted",
        "enforce-version": "latest",
        audit: "restricted",
        "audit-version": "latest",
        warn: "restricted",
        "warn-version": "latest",
      },
      exemptions: { namespaces: ["ingress-nginx", "kube-system"] },
    });
  });

  it("admissionFile() writes the limits a person gives, with a cache size only where there is one", () => {
    const limits = [
      { type: "Namespace", qps: 50, burst: 100, cacheSize: 2000 },
      { type: "User", qps: 10 },
    ];
    const configuration = { apiVersion: "eventratelimit.admission.k8s.io/v1alpha1", kind: "Configuration", limits };

    const { EventRateLimit } = pluginsOf({ eventRateLimit: { enabled: true, configuration } });

    expect(EventRateLimit.configuration.limits).toEqual([
      { type: "Namespace", qps: 50, burst: 100, cacheSize: 2000 },
      { type: "User", qps: 10, burst: 0 },
    ]);
  });

  it("admissionFile() writes the standard limits while the plugin is off, whatever is configured", () => {
    const configuration = { apiVersion: "eventratelimit.admission.k8s.io/v1alpha1", kind: "Configuration", limits: [] };

    const { EventRateLimit } = pluginsOf({ eventRateLimit: { enabled: false, configuration } });

    expect(EventRateLimit.configuration.limits).toEqual([{ type: "Server", qps: 5000, burst: 20000 }]);
  });

  it("admissionFile() takes two plugins of a person's configuration, the first of each name, and no others", () => {
    const plugins = [
      { name: "PodSecurity", path: "", configuration: { kind: "first" } },
      { name: "PodSecurity", path: "", configuration: { kind: "second" } },
      { name: "ImagePolicyWebhook", path: "", configuration: { kind: "lost" } },
      { name: "EventRateLimit", path: "/limits.yaml" },
    ];

    expect(pluginsOf({ admissionConfiguration: { ...header, plugins } })).toEqual({
      PodSecurity: { name: "PodSecurity", path: "", configuration: { kind: "first" } },
      EventRateLimit: { name: "EventRateLimit", path: "/limits.yaml", configuration: null },
    });
  });

  it("admissionFile() fills in for a person's configuration that has no plugins", () => {
    expect(textOf({ admissionConfiguration: header })).toBe(textOf({}));
  });

  it("admissionFile() is undefined when a flag names a file of the person's", () => {
    const { config, release } = aCluster({
      services: { kubeApi: { extraArgs: { "admission-control-config-file": "/mine.yaml" } } },
    });

    expect(admissionFile(config.services.kubeApi, release)).toBeUndefined();
  });
});
