import { describe, expect, it } from "vitest";

import { containerChanges } from "../../../provider/desired/changes.ts";
import { aNode } from "../../support/findings.ts";
import { aPlan, separatedNodes } from "./world.ts";

const before = aPlan({ nodes: separatedNodes });
const changesTo = (changes: object) => containerChanges(before, aPlan({ nodes: separatedNodes, ...changes }));

describe("containerChanges()", () => {
  it("containerChanges() is empty between a plan and itself", () => {
    expect(changesTo({})).toEqual([]);
  });

  it("containerChanges() says which part of which container differs, on which node", () => {
    const changes = changesTo({ services: { scheduler: { extraArgs: { v: "6" }, extraEnv: ["A=1"] } } });

    expect(changes).toEqual([
      { node: "10.0.0.2", container: "kube-scheduler", change: "replaced", parts: ["entrypoint", "env"] },
    ]);
  });

  it("containerChanges() adds the containers of a machine that comes, and removes those of one that goes", () => {
    const nodes = [...separatedNodes.slice(0, 3), aNode({ address: "10.0.0.5", role: ["worker"] })];

    const changes = changesTo({ nodes });

    expect(changes.map(({ node, container, change }) => `${change} ${container} on ${node}`)).toEqual([
      "added service-sidekick on 10.0.0.5",
      "added nginx-proxy on 10.0.0.5",
      "added kubelet on 10.0.0.5",
      "added kube-proxy on 10.0.0.5",
      "removed service-sidekick on 10.0.0.4",
      "removed nginx-proxy on 10.0.0.4",
      "removed kubelet on 10.0.0.4",
      "removed kube-proxy on 10.0.0.4",
    ]);
  });

  it("containerChanges() removes a container that a machine no longer needs", () => {
    expect(changesTo({ services: { etcd: { snapshot: false } } })).toEqual([
      { node: "10.0.0.1", container: "etcd-rolling-snapshots", change: "removed", parts: [] },
    ]);
  });

  it("containerChanges() replaces API servers when a member of etcd comes, and the members that are there never", () => {
    const nodes = [...separatedNodes, aNode({ address: "10.0.0.6", role: ["etcd"] })];

    const changes = changesTo({ nodes }).filter(({ change }) => change === "replaced");

    expect(changes).toEqual([
      { node: "10.0.0.2", container: "kube-apiserver", change: "replaced", parts: ["entrypoint"] },
    ]);
  });

  it("containerChanges() replaces the way to the API servers on other nodes when a control plane comes", () => {
    const nodes = [...separatedNodes, aNode({ address: "10.0.0.6", role: ["controlplane"] })];

    const changes = changesTo({ nodes }).filter(({ change }) => change === "replaced");

    expect(changes.map(({ node, container }) => `${container} on ${node}`)).toEqual([
      "nginx-proxy on 10.0.0.1",
      "nginx-proxy on 10.0.0.3",
      "nginx-proxy on 10.0.0.4",
    ]);
  });

  it("containerChanges() calls machines by name and knows them by address", () => {
    const nodes = separatedNodes.map((node, index) => (index === 3 ? { ...node, hostnameOverride: "renamed" } : node));

    const changes = changesTo({ nodes });

    expect(changes.map(({ node, container, change }) => `${change} ${container} on ${node}`)).toEqual([
      "replaced kubelet on renamed",
      "replaced kube-proxy on renamed",
    ]);
  });

  it("containerChanges() replaces what has another image in another Kubernetes version", () => {
    const containers = changesTo({ kubernetesVersion: "v1.31.6-rancher1-1" }).map(({ container }) => container);

    expect([...new Set(containers)].sort()).toEqual([
      "etcd",
      "kube-apiserver",
      "kube-controller-manager",
      "kube-proxy",
      "kube-scheduler",
      "kubelet",
      "nginx-proxy",
      "service-sidekick",
    ]);
  });
});
