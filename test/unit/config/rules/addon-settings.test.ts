import { describe, expect, it } from "vitest";

import { accepts, findings, refuses, warns } from "../../../support/findings.ts";

describe("addonSettingRules()", () => {
  it.each([
    [{ dns: { provider: "cordns" } }, 'RKE has no DNS provider "cordns" and deploys none'],
    [{ dns: { stubdomains: { a: ["1.1.1.1"] } } }, 'stubdomains have no effect with "coredns"'],
    [{ dns: { reversecidrs: ["10.0.0.0/8", "172.16.0.0/12"] } }, "may not understand"],
    [{ dns: { options: { coredns_priority_class: "x" } } }, 'DNS has no option "coredns_priority_class"'],
    [{ dns: { upstreamnameservers: ["dns.example.com"] } }, '"dns.example.com" is not the address of a name server'],
    [{ dns: { linearAutoscalerParams: { min: 2 } } }, "coresPerReplica or nodesPerReplica is needed"],
    [{ dns: { nodelocal: {} } }, "Without an address the cache is neither deployed nor removed"],
    [
      { dns: { provider: "none", nodelocal: { ipAddress: "169.254.20.10" } } },
      'With the DNS provider "none" the cache is not deployed',
    ],
    [{ monitoring: { provider: "prometheus" } }, 'RKE deploys metrics-server for "prometheus" too'],
  ])("warns of %j", warns);

  it("warns of a cache that a release has no manifest of", () => {
    const { warnings } = findings({
      dns: { nodelocal: { ipAddress: "169.254.20.10" } },
      kubernetesVersion: "v1.14.9-rancher1-1",
    });

    expect(warnings).toContainEqual(
      expect.stringContaining("There is no manifest of the cache for Kubernetes v1.14.9"),
    );
  });

  it.each([
    [{ ingress: { httpPort: 80, httpsPort: 80 } }, "ingress.httpsPort: HTTP and HTTPS cannot both have the port 80"],
    [{ ingress: { httpPort: 443 } }, "cannot both have the port 443"],
    [{ ingress: { httpPort: 65536 } }, "ingress.httpPort: 65536 is not a port"],
    [{ ingress: { httpsPort: -1 } }, "ingress.httpsPort: -1 is not a port"],
    [{ ingress: { extraArgs: { "--v": "1" } } }, 'ingress.extraArgs["--v"]: Flags are named without dashes'],
    [{ monitoring: { options: { "--v": "1" } } }, 'monitoring.options["--v"]: Flags are named without dashes'],
  ])("refuses %j", refuses);

  it.each([
    { dns: { upstreamnameservers: ["1.1.1.1", "1.1.1.1:53", "[2001:db8::1]:53", "2001:db8::1"] } },
    { dns: { provider: "none" } },
    { ingress: { networkMode: "hostNetwork", httpPort: 80, httpsPort: 80 } },
    { ingress: { provider: "none", httpPort: 80, httpsPort: 80 } },
    { ingress: { httpPort: 0 } },
  ])("accepts %j", accepts);
});
