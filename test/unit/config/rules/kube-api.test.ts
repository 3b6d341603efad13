import { describe, expect, it } from "vitest";

import { findings } from "../../../support/findings.ts";

const kubeApi = (changes: object, more: object = {}) => findings({ services: { kubeApi: changes }, ...more });

describe("kubeApiRules()", () => {
  const own = { "admission-control-config-file": "/a.yaml" };
  const policy = { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [] };
  const limits = { limits: [{ type: "Server", qps: 1, burst: 2 }] };

  it.each(["30000-32767", "30000+100", "30000", "20000 - 21000"])(
    "accepts the port range %s",
    (serviceNodePortRange) => {
      expect(kubeApi({ serviceNodePortRange }).failures).toEqual([]);
    },
  );

  it.each(["a-b", "2-1", "65000-66000", "30000-"])("refuses the port range %s", (serviceNodePortRange) => {
    expect(kubeApi({ serviceNodePortRange }).failures).toEqual([expect.stringContaining("is not a range of ports")]);
  });

  it.each([
    [
      {
        auditLog: {
          enabled: true,
          configuration: {
            maxAge: 1,
            maxBackup: 1,
            maxSize: 1,
            path: "/a",
            format: "json",
            policy: { ...policy, kind: "Polici" },
          },
        },
      },
      'policy.kind: The kind "Policy" is wanted, "Polici" was found',
    ],
    [
      { admissionConfiguration: { kind: "AdmissionConfiguration" } },
      'admissionConfiguration.apiVersion: An apiVersion of apiserver.config.k8s.io is wanted, such as "apiserver.config.k8s.io/v1"',
    ],
    [
      { eventRateLimit: { enabled: true, configuration: {} } },
      "eventRateLimit.configuration.limits: A list of limits is wanted",
    ],
    [
      { secretsEncryptionConfig: { enabled: true, customConfig: {} } },
      "customConfig.resources: A list of resources with their providers is wanted",
    ],
    [
      {
        secretsEncryptionConfig: {
          enabled: true,
          customConfig: { kind: "X", apiVersion: "apiserver.config.k8s.io/v1", resources: [{}] },
        },
      },
      'customConfig.kind: The kind "EncryptionConfiguration" is wanted, "X" was found',
    ],
    [{ podSecurityConfiguration: "baseline" }, '"baseline" is not possible here: write "privileged" or "restricted"'],
  ])("refuses %j", (given, reason) => {
    expect(kubeApi(given).failures).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    [{ auditLog: { enabled: false, configuration: { maxAge: 1 } } }, "The audit log is off"],
    [
      { auditLog: { enabled: true, configuration: { maxAge: 1, path: "/a", format: "json" } } },
      "As soon as one setting is given, RKE fills in no other: maxBackup, maxSize are not set",
    ],
    [
      {
        admissionConfiguration: {
          apiVersion: "apiserver.config.k8s.io/v1",
          kind: "AdmissionConfiguration",
          plugins: [{ name: "ImagePolicyWebhook" }],
        },
      },
      'plugins[0]: The plugin "ImagePolicyWebhook" is left out',
    ],
    [
      { extraArgs: own, eventRateLimit: { enabled: true, configuration: limits } },
      "eventRateLimit has no effect beside a file of your own",
    ],
    [
      { secretsEncryptionConfig: { customConfig: { resources: [{}] } } },
      "The configuration has no effect until encryption is enabled",
    ],
  ])("warns of %j", (given, reason) => {
    const { failures, warnings } = kubeApi(given);

    expect([failures, warnings]).toEqual([[], [expect.stringContaining(reason)]]);
  });

  it("refuses pod security where Kubernetes does not have it", () => {
    const { failures } = kubeApi(
      { podSecurityConfiguration: "restricted" },
      { kubernetesVersion: "v1.22.17-rancher1-2" },
    );

    expect(failures).toEqual([
      expect.stringContaining("Pod security needs Kubernetes v1.23 or newer, and this is v1.22.17"),
    ]);
  });

  it("refuses to go without RBAC where pod security is", () => {
    expect(kubeApi({}, { authorization: { mode: "none" } }).failures).toEqual([
      expect.stringContaining("authorization.mode: "),
    ]);
  });

  it.each([
    [{ extraArgs: own }, {}],
    [{}, { kubernetesVersion: "v1.20.5-rancher1-1" }],
  ])("lets a cluster go without RBAC with %j and %j", (given, more) => {
    expect(kubeApi(given, { authorization: { mode: "none" }, ...more }).failures).toEqual([]);
  });
});
