import { describe, expect, it } from "vitest";

import { distinct, fileChecksum, nodeContext, planContainer } from "../../../provider/desired/node-context.ts";
import { aClusterContext, aNodeContext, selinux, windows } from "./world.ts";

const image = "rancher/rke-tools:v0.1.114";
const old = { kubernetesVersion: "v1.21.14-rancher1-1" };

describe("nodeContext()", () => {
  it("nodeContext() puts RKE's directories below the prefix of the machine", () => {
    const context = aNodeContext({}, { docker: { operatingSystem: "Flatcar Container Linux" } });

    expect([context.prefixPath, context.path("/var/lib/etcd")]).toEqual(["/opt/rke", "/opt/rke/var/lib/etcd"]);
  });

  it("nodeContext() knows Windows machines", () => {
    const { cluster, node, docker } = aNodeContext({}, { docker: windows });

    const context = nodeContext(cluster, node, docker);

    expect([context.isWindows, context.prefixPath]).toEqual([true, "c:/"]);
  });
});

describe("planContainer()", () => {
  it("planContainer() labels a container with its name", () => {
    const { spec } = planContainer(aNodeContext(), { name: "x", image });

    expect(spec).toEqual({ name: "x", image, labels: { "io.rancher.rke.container.name": "x" } });
  });

  it("planContainer() leaves the label out when it is told to", () => {
    const { spec } = planContainer(aNodeContext(), { name: "x", image, isLabelled: false });

    expect(spec).toEqual({ name: "x", image });
  });

  it("planContainer() takes the relabel option from RKE's mounts, and from a person's never", () => {
    const binds = ["/a:/a:z", "/b:/b:rw,z", "/c:/c:rw,rslave,z", "/d:/d:ro", "/z:/z"];

    const { spec } = planContainer(aNodeContext(), { name: "x", image, binds, extraBinds: ["/own:/own:z"] });

    expect(spec.binds).toEqual(["/a:/a", "/b:/b:rw", "/c:/c:rw,rslave", "/d:/d:ro", "/z:/z", "/own:/own:z"]);
  });

  it("planContainer() leaves the relabel option where it is before v1.22", () => {
    const { spec } = planContainer(aNodeContext(old), { name: "x", image, binds: ["/a:/a:z", "/b:/b:rw,z"] });

    expect(spec.binds).toEqual(["/a:/a:z", "/b:/b:rw,z"]);
  });

  it("planContainer() mounts nothing twice, and nothing that is empty", () => {
    const binds = ["/a:/a", " /a:/a ", ""];

    const { spec } = planContainer(aNodeContext(), { name: "x", image, binds, extraBinds: ["/a:/a"] });

    expect(spec.binds).toEqual(["/a:/a"]);
  });

  it.each([
    ["a container of its own", {}, ["label=type:rke_container_t"]],
    [
      "one that shares the sidekick's volume",
      { volumesFrom: ["service-sidekick"] },
      ["label=level:s0:c1000,c1001", "label=type:rke_container_t"],
    ],
    ["the sidekick", { name: "service-sidekick" }, ["label=level:s0:c1000,c1001", "label=type:rke_container_t"]],
    ["a privileged one", { privileged: true, volumesFrom: ["service-sidekick"] }, undefined],
  ])("planContainer() labels %s for SELinux", (_, details, expected) => {
    const { spec } = planContainer(aNodeContext({}, { docker: selinux }), { name: "x", image, ...details });

    expect(spec.securityOpt).toEqual(expected);
  });

  it("planContainer() has only the level for SELinux before v1.22", () => {
    const context = aNodeContext(old, { docker: selinux });

    const { spec } = planContainer(context, { name: "x", image, volumesFrom: ["service-sidekick"] });

    expect(spec.securityOpt).toEqual(["label=level:s0:c1000,c1001"]);
  });

  it("planContainer() sets no SELinux labels where Docker does not use it", () => {
    const { spec } = planContainer(aNodeContext(), { name: "service-sidekick", image });

    expect(spec.securityOpt).toBeUndefined();
  });

  it.each([
    ["registry.example.com/rancher/rke-tools:v0.1.114", true],
    ["rancher/rke-tools:v0.1.114", false],
  ])("planContainer() says whether %s is pulled with credentials: %s", (from, expected) => {
    const privateRegistries = [{ url: "registry.example.com", user: "u", password: "p" }];

    const planned = planContainer(aNodeContext({ privateRegistries }), { name: "x", image: from });

    expect(planned.usesRegistryCredentials).toBe(expected);
  });

  it("planContainer() checks no health on Windows", () => {
    const details = { name: "x", image, healthCheckUrl: "http://localhost:1/healthz" };

    const urls = [{}, windows].map((docker) => planContainer(aNodeContext({}, { docker }), details).healthCheckUrl);

    expect(urls).toEqual(["http://localhost:1/healthz", undefined]);
  });
});

describe("distinct()", () => {
  it("distinct() trims, drops what is empty, and keeps the first of what appears twice", () => {
    expect(distinct([" b ", "a", "", "  ", "b", "A"])).toEqual(["b", "a", "A"]);
  });
});

describe("fileChecksum()", () => {
  it.each([
    ["v1.30.14-rancher1-1", "900150983cd24fb0d6963f7d28e17f72"],
    ["v1.31.6-rancher1-1", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ])("fileChecksum() is what RKE has in %s", (kubernetesVersion, checksum) => {
    expect(fileChecksum(aClusterContext({ kubernetesVersion }), "abc")).toBe(checksum);
  });
});
