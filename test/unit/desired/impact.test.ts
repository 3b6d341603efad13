import { describe, expect, it } from "vitest";

import { impactOf } from "../../../provider/desired/impact.ts";
import { aCluster, separatedNodes } from "./world.ts";

const impact = (before: object, after: object) =>
  impactOf(aCluster(before), aCluster(after)).map(({ path, containers }) => [path.join("."), containers]);

const kubernetes = ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"];

describe("impactOf()", () => {
  it("impactOf() is empty where nothing differs", () => {
    expect(impact({}, {})).toEqual([]);
  });

  it("impactOf() says of each setting which containers it changes by itself", () => {
    const services = { kubelet: { extraArgs: { "max-pods": "200" } }, scheduler: { extraEnv: ["A=1"] } };

    expect(impact({}, { services })).toEqual([
      ["services.kubelet.extraArgs", ["kubelet"]],
      ["services.scheduler.extraEnv", ["kube-scheduler"]],
    ]);
  });

  it("impactOf() goes as deep as the settings differ", () => {
    const before = { services: { kubelet: { extraArgs: { "max-pods": "200", v: "2" } } } };
    const after = { services: { kubelet: { extraArgs: { "max-pods": "210", v: "2" } } } };

    expect(impact(before, after)).toEqual([["services.kubelet.extraArgs.max-pods", ["kubelet"]]]);
  });

  it("impactOf() knows settings that change no container", () => {
    expect(impact({}, { addonJobTimeout: 90, clusterName: "other" })).toEqual([
      ["addonJobTimeout", []],
      ["clusterName", []],
    ]);
  });

  it("impactOf() knows what a setting that is taken away changes", () => {
    expect(impact({ services: { kubelet: { extraBinds: ["/a:/a"] } } }, {})).toEqual([
      ["services.kubelet.extraBinds", ["kubelet"]],
    ]);
  });

  it("impactOf() takes a list as a whole", () => {
    expect(impact({ nodes: separatedNodes }, { nodes: separatedNodes.slice(0, 3) })).toEqual([
      ["nodes", ["kube-proxy", "kubelet", "nginx-proxy", "service-sidekick"]],
    ]);
  });

  it("impactOf() plans a new version with its flags, and shows its images apart", () => {
    const found = impact({ kubernetesVersion: "v1.31.6-rancher1-1" }, { kubernetesVersion: "v1.32.7-rancher1-1" });

    expect(Object.fromEntries(found)).toMatchObject({ "systemImages.kubernetes": kubernetes, kubernetesVersion: [] });
  });
});
