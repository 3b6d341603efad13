import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readClusterYml } from "../../../provider/config/cluster-yml.ts";
import { parseCluster } from "../../../provider/config/parse.ts";
import { dotted } from "../../../provider/config/paths.ts";
import { unknownValue } from "../../../provider/config/unknowns.ts";
import { partlyUnknown } from "../../support/config-arbitraries.ts";
import { aNode, findings, someArgs } from "../../support/findings.ts";
import { validVectors, vector } from "../../support/vectors.ts";

describe("parseCluster()", () => {
  it("answers a configuration with RKE's defaults and its release", () => {
    const parsed = parseCluster(someArgs({ kubernetesVersion: "v1.31" }));

    expect(parsed).toMatchObject({
      ok: true,
      config: { kubernetesVersion: "v1.31.10-rancher1-1", clusterName: "local", network: { plugin: "canal" } },
      release: { kubernetesVersion: "v1.31.10-rancher1-1", minor: "v1.31" },
      warnings: [],
      unknown: [],
    });
  });

  it("says all that is wrong at once, whatever the kind", () => {
    const { failures } = findings({
      nodes: [
        { ...aNode(), role: ["etcd", "controlplane", "worker"], port: 22, adress: "a" },
        aNode({ address: "10.0.0.1" }),
      ],
      kubernetesVersion: "1.32",
      network: { plugin: "cilium", mtu: 9 },
      services: { kubelet: { extraArgs: { "--v": "4" } } },
    });

    expect(failures.map((line) => line.split(": ")[0])).toEqual([
      "nodes[0].port",
      "nodes[0].adress",
      "network.plugin",
      "kubernetesVersion",
      "nodes[1].address",
      "network.mtu",
      'services.kubelet.extraArgs["--v"]',
    ]);
  });

  it.each([
    [
      { kubernetes_version: "v1.32" },
      'kubernetes_version: Unknown key "kubernetes_version": did you mean "kubernetesVersion"?',
    ],
    [{ nodes: [aNode({ rol: [] })] }, 'nodes[0].rol: Unknown key "rol": did you mean "role"?'],
    [{ frobnicate: 1 }, 'frobnicate: Unknown key "frobnicate"'],
    [{ clusterName: 1 }, "clusterName: A text is wanted, a number (1) was found"],
    [{ clusterName: null }, "clusterName: A text is wanted, null was found"],
    [{ sshAgentAuth: "true" }, 'sshAgentAuth: A boolean is wanted, a text ("true") was found'],
    [{ addonJobTimeout: 1.5 }, "addonJobTimeout: A whole number is wanted, a number (1.5) was found"],
    [{ addonJobTimeout: -1 }, "addonJobTimeout: A number of 0 or more is wanted, a number (-1) was found"],
    [{ services: [] }, "services: A map is wanted, a list was found"],
    [{ addonsInclude: "a" }, 'addonsInclude: A list is wanted, a text ("a") was found'],
    [{ network: { plugin: "calcio" } }, 'network.plugin: "calcio" is not possible here: did you mean "calico"?'],
    [{ ingress: { provider: "traefik" } }, 'ingress.provider: "traefik" is not possible here: write "nginx" or "none"'],
    [{ ingress: { extraEnvs: [{}] } }, "ingress.extraEnvs[0].name: A text is wanted, nothing was found"],
    [
      { upgradeStrategy: { maxUnavailableWorker: [] } },
      "upgradeStrategy.maxUnavailableWorker: A text or a number is wanted, a list was found",
    ],
    [{ nodes: [aNode({ sshKey: ["hunter2"] })] }, "nodes[0].sshKey: A text is wanted, a list was found"],
    [
      { privateRegistries: [{ password: 4711 }] },
      "privateRegistries[0].password: A text is wanted, a number was found",
    ],
  ])("says of %j what is wrong with its shape", (changes, failure) => {
    expect(findings(changes).failures).toEqual([failure]);
  });

  it.each([[null], [[]], ["text"], [7]])("refuses %j as a whole", (input) => {
    expect(parseCluster(input)).toMatchObject({ ok: false, failures: [{ path: [] }] });
  });

  it("says of a version that cannot be used why, and what could be", () => {
    const { failures } = findings({ kubernetesVersion: "v1.33.1-rancher1-1" });

    expect(failures).toEqual([
      expect.stringMatching(/^kubernetesVersion: Cannot use Kubernetes version "v1.33.1-rancher1-1": .* v1.32.7/),
    ]);
  });

  it.each(["v1.32\nx", "1 32", `v1.${"1".repeat(100_000)}`])(
    "says of a version that is none so in a short line",
    (kubernetesVersion) => {
      const { failures } = findings({ kubernetesVersion });

      expect(failures).toEqual([
        expect.stringMatching(/^kubernetesVersion: ".{4,70}" is not a version: write v1.32.7-rancher1-1/),
      ]);
    },
  );

  it("draws no conclusion from a value that is wrong", () => {
    const { failures } = findings({ nodes: [aNode({ role: ["etcd", "controlplane", "master"] })] });

    expect(failures).toEqual([
      'nodes[0].role[2]: "master" is not possible here: write "etcd", "controlplane" or "worker"',
    ]);
  });

  it("draws no conclusion from what another rule has found wrong", () => {
    const { failures, warnings } = findings({ nodes: [aNode({ role: [] })] });

    expect(failures).toEqual([expect.stringContaining("nodes[0].role: The role is missing")]);
    expect(warnings).toEqual([]);
  });
});

describe("parseCluster() with values that are not known yet", () => {
  it.each([
    ["all of it", unknownValue],
    ["the nodes", someArgs({ nodes: unknownValue })],
    ["a node", someArgs({ nodes: [unknownValue, aNode()] })],
    ["an address", someArgs({ nodes: [aNode({ address: unknownValue })] })],
    [
      "two addresses",
      someArgs({ nodes: [aNode({ address: unknownValue }), aNode({ address: unknownValue, role: ["worker"] })] }),
    ],
    ["roles", someArgs({ nodes: [aNode({ role: unknownValue })] })],
    ["one role", someArgs({ nodes: [aNode({ role: [unknownValue] })] })],
    ["the version", someArgs({ kubernetesVersion: unknownValue, network: { plugin: "weave" } })],
    [
      "numbers and switches",
      someArgs({ addonJobTimeout: unknownValue, sshAgentAuth: unknownValue, network: { mtu: unknownValue } }),
    ],
    ["blocks", someArgs({ services: unknownValue, network: unknownValue, privateRegistries: unknownValue })],
    ["a range", someArgs({ services: { kubeApi: { serviceClusterIpRange: unknownValue } } })],
    ["a DNS address", someArgs({ services: { kubelet: { clusterDnsServer: unknownValue } } })],
    ["labels", someArgs({ nodes: [aNode({ labels: { a: unknownValue, b: "c" } })] })],
  ])("accepts %s", (_, input) => {
    expect(parseCluster(input)).toMatchObject({ ok: true, warnings: [] });
  });

  it("says where they are", () => {
    const parsed = parseCluster(someArgs({ nodes: [aNode({ address: unknownValue })], network: unknownValue }));

    expect(parsed.ok && parsed.unknown.map(dotted)).toEqual(["nodes[0].address", "network"]);
  });

  it("still says what is wrong elsewhere", () => {
    const { failures } = findings({
      nodes: [aNode({ address: unknownValue, port: "0" })],
      services: { kubelet: { clusterDomain: "A B" } },
    });

    expect(failures.map((line) => line.split(": ")[0])).toEqual(["nodes[0].port", "services.kubelet.clusterDomain"]);
  });

  it("never refuses a cluster that RKE accepts, whatever parts are not known", () => {
    const accepted = validVectors.filter((name) => name !== "yaml-quirks");
    const someCluster = fc.constantFrom(...accepted.map((name) => readClusterYml(vector(name).clusterYml).args));

    fc.assert(
      fc.property(someCluster.chain(partlyUnknown), (blurred) => {
        const parsed = parseCluster(blurred);

        expect(parsed.ok ? [] : parsed.failures).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
