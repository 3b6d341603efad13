import { describe, expect, it } from "vitest";

import { withDefaults } from "../with-defaults.ts";

describe("applyDefaults() for services", () => {
  it("fills in addresses and names", () => {
    const { services } = withDefaults({ services: { kubelet: { clusterDomain: "" } } });

    expect(services).toMatchObject({
      kubeApi: { serviceClusterIpRange: "10.43.0.0/16", serviceNodePortRange: "30000-32767" },
      kubeController: { clusterCidr: "10.42.0.0/16", serviceClusterIpRange: "10.43.0.0/16" },
      kubelet: {
        clusterDomain: "cluster.local",
        clusterDnsServer: "10.43.0.10",
        infraContainerImage: "rancher/mirrored-pause:3.7",
      },
    });
  });

  it("fills in etcd, without replacing flags that are given", () => {
    const { services } = withDefaults({ services: { etcd: { extraArgs: { "heartbeat-interval": "", x: "y" } } } });

    expect(services.etcd).toMatchObject({
      snapshot: true,
      retention: "72h",
      creation: "12h",
      extraArgs: { "election-timeout": "5000", "heartbeat-interval": "", x: "y" },
    });
  });

  it("keeps recurring snapshots off when they are turned off", () => {
    expect(withDefaults({ services: { etcd: { snapshot: false } } }).services.etcd.snapshot).toBe(false);
  });

  it("fills in a backup configuration that is not turned off", () => {
    const { services } = withDefaults({ services: { etcd: { backupConfig: { retention: 3, timeout: 0 } } } });

    expect(services.etcd.backupConfig).toEqual({ intervalHours: 12, retention: 3, timeout: 300 });
  });

  it("leaves a backup configuration that is turned off as it is", () => {
    const { services } = withDefaults({ services: { etcd: { backupConfig: { enabled: false } } } });

    expect(services.etcd.backupConfig).toEqual({ enabled: false });
  });

  it.each([
    ["v1.22.17-rancher1-2", {}, undefined],
    ["v1.23.16-rancher2-3", {}, "privileged"],
    ["v1.23.16-rancher2-3", { podSecurityConfiguration: "restricted" as const }, "restricted"],
    ["v1.23.16-rancher2-3", { extraArgs: { "admission-control-config-file": "/a" } }, undefined],
  ])("sets the level of pod security where RKE makes the file: %s, %j", (version, kubeApi, level) => {
    const { services } = withDefaults({ services: { kubeApi } }, version);

    expect(services.kubeApi.podSecurityConfiguration).toBe(level);
  });

  it.each([
    ["v1.15.10-rancher1-1", undefined],
    ["v1.17.4-rancher1-2", true],
  ])("turns on the audit log from the releases that need it: %s", (version, enabled) => {
    expect(withDefaults({}, version).services.kubeApi.auditLog?.enabled).toBe(enabled);
  });

  it("fills in all of an audit log without a configuration", () => {
    const { services } = withDefaults({ services: { kubeApi: { auditLog: { enabled: true } } } });

    expect(services.kubeApi.auditLog?.configuration).toMatchObject({
      maxAge: 30,
      maxBackup: 10,
      maxSize: 100,
      path: "/var/log/kube-audit/audit-log.json",
      format: "json",
      policy: { kind: "Policy", rules: [{ level: "Metadata" }] },
    });
  });

  it("fills in only the policy of an audit log that is configured", () => {
    const { services } = withDefaults({ services: { kubeApi: { auditLog: { enabled: true, configuration: {} } } } });

    expect(Object.keys(services.kubeApi.auditLog?.configuration ?? {})).toEqual(["policy"]);
  });

  it("leaves an audit log that is off as it is", () => {
    const auditLog = { enabled: false, configuration: { maxAge: 1 } };

    expect(withDefaults({ services: { kubeApi: { auditLog } } }).services.kubeApi.auditLog).toEqual(auditLog);
  });

  it.each([
    [{ eventRateLimit: { enabled: true } }, [{ type: "Server", qps: 5000, burst: 20000 }]],
    [{ eventRateLimit: { enabled: true, configuration: { limits: [] } } }, []],
    [{ eventRateLimit: { enabled: false } }, undefined],
    [{ eventRateLimit: { enabled: true }, extraArgs: { "admission-control-config-file": "/a" } }, undefined],
  ])("fills in the limits of events where RKE makes the file: %j", (kubeApi, limits) => {
    const { services } = withDefaults({ services: { kubeApi } });

    expect(services.kubeApi.eventRateLimit?.configuration?.limits).toEqual(limits);
  });
});
