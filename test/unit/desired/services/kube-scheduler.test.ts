import { describe, expect, it } from "vitest";

import { kubeScheduler } from "../../../../provider/desired/services/kube-scheduler.ts";
import { aNodeContext, flagsOf } from "../world.ts";

describe("kubeScheduler()", () => {
  it.each([
    ["v1.22.17-rancher1-2", "http://localhost:10251/healthz"],
    ["v1.23.16-rancher2-3", "https://localhost:10259/healthz"],
  ])("kubeScheduler() of %s answers at %s", (kubernetesVersion, url) => {
    expect(kubeScheduler(aNodeContext({ kubernetesVersion })).healthCheckUrl).toBe(url);
  });

  it("kubeScheduler() lets a person override, add and repeat flags", () => {
    const scheduler = { extraArgs: { v: "6" }, extraArgsArray: { "feature-gates": ["B=true", "A=true"] } };

    const planned = kubeScheduler(aNodeContext({ services: { scheduler } }));

    expect(flagsOf(planned).v).toBe("6");
    expect(planned.spec.entrypoint?.filter((word) => word.startsWith("--feature"))).toEqual([
      "--feature-gates=B=true",
      "--feature-gates=A=true",
    ]);
  });

  it("kubeScheduler() has no variables by default", () => {
    expect(kubeScheduler(aNodeContext()).spec.env).toBeUndefined();
  });
});
