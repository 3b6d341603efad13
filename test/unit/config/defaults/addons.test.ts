import { describe, expect, it } from "vitest";

import type { ClusterArgs } from "../../../../provider/config/schema/cluster.ts";
import { withDefaults } from "../with-defaults.ts";

describe("applyDefaults() for addons", () => {
  it.each([
    ["v1.20.15-rancher2-2", "hostNetwork", true],
    ["v1.21.14-rancher1-1", "hostPort", false],
  ])("fills in the ingress controller of %s", (version, networkMode, defaultBackend) => {
    const { ingress } = withDefaults({ ingress: { provider: "", networkMode: "" } }, version);

    expect(ingress).toMatchObject({
      provider: "nginx",
      networkMode,
      httpPort: 80,
      httpsPort: 443,
      defaultBackend,
      defaultIngressClass: true,
    });
  });

  it.each([
    ["v1.13.12-rancher2-1", "kube-dns"],
    ["v1.14.10-rancher1-1", "coredns"],
  ])("chooses the DNS of %s", (version, provider) => {
    expect(withDefaults({ dns: { provider: "" } }, version).dns.provider).toBe(provider);
  });

  it("takes the parameters of the DNS autoscaler together", () => {
    expect(withDefaults({}).dns.linearAutoscalerParams).toEqual({
      coresPerReplica: 128,
      nodesPerReplica: 4,
      min: 1,
      preventSinglePointFailure: true,
    });
    expect(withDefaults({ dns: { linearAutoscalerParams: { max: 3 } } }).dns.linearAutoscalerParams).toEqual({
      max: 3,
    });
  });

  it("fills in metrics-server", () => {
    expect(withDefaults({}).monitoring).toMatchObject({ provider: "metrics-server", replicas: 1 });
  });

  it("keeps no replicas of metrics-server", () => {
    expect(withDefaults({ monitoring: { replicas: 0 } }).monitoring.replicas).toBe(0);
  });
});

describe("applyDefaults() for update strategies", () => {
  const one = { strategy: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } };

  it.each([
    [undefined, one],
    [{ strategy: "RollingUpdate" }, one],
    [{ strategy: "RollingUpdate", rollingUpdate: { maxSurge: 1 } }, one],
    [{ strategy: "RollingUpdate", rollingUpdate: { maxUnavailable: "20%" } }, "as it is"],
    [{ strategy: "OnDelete" }, "as it is"],
    [{}, "as it is"],
  ])("replaces a DaemonSet: %j", (given, filled) => {
    const { ingress, network } = withDefaults({ network: strategy(given), ingress: strategy(given) });

    expect([network.updateStrategy, ingress.updateStrategy]).toEqual(
      filled === "as it is" ? [given, given] : [filled, filled],
    );
  });

  const quarter = { maxUnavailable: "25%", maxSurge: "25%" };

  it.each([
    [undefined, { strategy: "RollingUpdate", rollingUpdate: quarter }],
    [{ strategy: "RollingUpdate" }, { strategy: "RollingUpdate", rollingUpdate: quarter }],
    [
      { strategy: "RollingUpdate", rollingUpdate: { maxSurge: 2 } },
      { strategy: "RollingUpdate", rollingUpdate: { ...quarter, maxSurge: 2 } },
    ],
    [{ strategy: "Recreate" }, { strategy: "Recreate" }],
    [{ rollingUpdate: { maxSurge: 2 } }, { rollingUpdate: { maxSurge: 2 } }],
  ])("replaces metrics-server: %j", (given, filled) => {
    expect(withDefaults({ monitoring: strategy(given) }).monitoring.updateStrategy).toEqual(filled);
  });

  it.each([
    ["coredns", undefined, { strategy: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }],
    ["coredns", {}, { strategy: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }],
    ["coredns", { rollingUpdate: { maxSurge: 2 } }, { rollingUpdate: { maxUnavailable: 1, maxSurge: 2 } }],
    ["coredns", { strategy: "Recreate" }, { strategy: "Recreate" }],
    ["kube-dns", undefined, { strategy: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "10%" } }],
    ["kube-dns", { rollingUpdate: { maxUnavailable: 2 } }, { rollingUpdate: { maxUnavailable: 2, maxSurge: "10%" } }],
    ["none", undefined, undefined],
  ])("replaces %s: %j", (provider, given, filled) => {
    expect(withDefaults({ dns: { provider, ...strategy(given) } }).dns.updateStrategy).toEqual(filled);
  });
});

type UpdateStrategy = NonNullable<NonNullable<ClusterArgs["network"]>["updateStrategy"]>;

const strategy = (given: UpdateStrategy | undefined): { updateStrategy?: UpdateStrategy } =>
  given === undefined ? {} : { updateStrategy: given };
