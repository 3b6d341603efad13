import { describe, expect, it } from "vitest";

import { extrasFor, hyperkube, windowsEnv } from "../../../../provider/desired/services/hyperkube.ts";
import { aNode } from "../../../support/findings.ts";
import { aNodeContext, windows } from "../world.ts";

const service = {
  name: "kubelet",
  flags: { base: { v: "2" }, release: {} },
  binds: [],
  env: ["B=1", "A=1", "B=1"],
  healthCheckUrl: "http://localhost:10248/healthz",
} as const;

describe("hyperkube()", () => {
  it("hyperkube() starts a component through the entrypoint in the sidekick's volume", () => {
    const { spec } = hyperkube(aNodeContext(), service);

    expect(spec).toEqual({
      name: "kubelet",
      image: "rancher/hyperkube:v1.32.6-rancher1",
      entrypoint: ["/opt/rke-tools/entrypoint.sh", "kubelet", "--v=2"],
      env: ["B=1", "A=1"],
      volumesFrom: ["service-sidekick"],
      networkMode: "host",
      restartPolicy: "always",
      labels: { "io.rancher.rke.container.name": "kubelet" },
    });
  });

  it("hyperkube() works on the machine itself when it is told to", () => {
    const { spec } = hyperkube(aNodeContext(), { ...service, onMachine: true });

    expect([spec.pidMode, spec.privileged]).toEqual(["host", true]);
  });

  it("hyperkube() leaves repeated variables to the scheduler alone", () => {
    const { spec } = hyperkube(aNodeContext(), { ...service, name: "kube-scheduler" });

    expect(spec.env).toEqual(["B=1", "A=1", "B=1"]);
  });

  it("hyperkube() takes the old place of the entrypoint from old tools", () => {
    const systemImages = { kubernetesServicesSidecar: "rancher/rke-tools:v0.1.12" };

    expect(hyperkube(aNodeContext({ systemImages }), service).spec.entrypoint?.[0]).toBe("/opt/rke/entrypoint.sh");
  });

  it("hyperkube() starts through PowerShell on Windows, with no mode that only Linux has", () => {
    const { spec } = hyperkube(aNodeContext({}, { docker: windows }), { ...service, onMachine: true });

    expect(spec).toMatchObject({
      entrypoint: ["pwsh", "-NoLogo", "-NonInteractive", "-File", "c:/usr/bin/entrypoint.ps1", "kubelet", "--v=2"],
    });
    expect([spec.networkMode, spec.pidMode, spec.privileged]).toEqual([undefined, undefined, undefined]);
  });
});

describe("windowsEnv()", () => {
  it("windowsEnv() tells of the cluster and of the node", () => {
    const nodes = [aNode({ internalAddress: "192.168.0.1" })];

    expect(windowsEnv(aNodeContext({ nodes, winPrefixPath: "d:" }, { docker: windows }))).toEqual([
      "RKE_CLUSTER_CIDR=10.42.0.0/16",
      "RKE_CLUSTER_DOMAIN=cluster.local",
      "RKE_CLUSTER_DNS_SERVER=10.43.0.10",
      "RKE_CLUSTER_SERVICE_CIDR=10.43.0.0/16",
      "RKE_NODE_ADDRESS=10.0.0.1",
      "RKE_NODE_INTERNAL_ADDRESS=192.168.0.1",
      "RKE_CLOUD_PROVIDER_NAME=",
      "RKE_NODE_PREFIX_PATH=d:\\",
    ]);
  });
});

describe("extrasFor()", () => {
  const extras = { extraArgs: { a: "1" }, extraEnv: ["L=1"], winExtraArgs: { w: "1" }, winExtraEnv: [] };

  it("extrasFor() has no use for the Windows settings on Linux", () => {
    const { extraArgs, extraEnv } = extrasFor(aNodeContext(), extras);

    expect([extraArgs, extraEnv]).toEqual([{ a: "1" }, ["L=1"]]);
  });

  it("extrasFor() replaces each setting by itself on Windows, where the other is not empty", () => {
    const { extraArgs, extraEnv } = extrasFor(aNodeContext({}, { docker: windows }), extras);

    expect([extraArgs, extraEnv]).toEqual([{ w: "1" }, ["L=1"]]);
  });
});
