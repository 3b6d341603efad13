import { describe, expect, it } from "vitest";

import { findings } from "../../../support/findings.ts";

describe("aciRules()", () => {
  const texts = {
    systemId: "s",
    token: "t",
    apicUserName: "u",
    apicUserKey: "k",
    apicUserCrt: "c",
    encapType: "vxlan",
    mcastRangeStart: "225.1.1.1",
    mcastRangeEnd: "225.1.255.255",
    nodeSubnet: "10.0.0.0/16",
    aep: "a",
    vrfName: "v",
    vrfTenant: "common",
    l3out: "l",
    externDynamic: "10.3.0.1/24",
    externStatic: "10.4.0.1/24",
    nodeSvcSubnet: "10.5.0.1/24",
    kubeApiVlan: "1",
    serviceVlan: "2",
    infraVlan: "3",
  };
  const block = { ...texts, apicHosts: ["h"], l3outExternalNetworks: ["n"] };
  const aci = (changes: object, more: object = {}) =>
    findings({ network: { plugin: "aci", aciNetworkProvider: { ...block, ...changes }, ...more } });

  it("accepts a complete block, and says that the plugin itself is not deployed", () => {
    expect(aci({})).toEqual({
      failures: [],
      warnings: [expect.stringMatching(/^kubernetesVersion: For Kubernetes \S+ we do not deploy aci: /)],
    });
  });

  it("names all that is missing when the block is missing", () => {
    const { failures } = findings({ network: { plugin: "aci" } });

    expect(failures).toEqual([
      expect.stringMatching(/^network\.aciNetworkProvider: .*systemId.*l3outExternalNetworks$/),
    ]);
  });

  it.each([...Object.keys(texts), "apicHosts", "l3outExternalNetworks"])("asks for %s", (key) => {
    expect(aci({ [key]: undefined }).failures).toEqual([
      `network.aciNetworkProvider.${key}: The network plugin "aci" needs this setting: it is missing`,
    ]);
  });

  it("takes an option for the setting it stands for", () => {
    expect(aci({ token: undefined }, { options: { aci_token: "t" } }).failures).toEqual([]);
  });

  it.each([
    [
      { capic: "true" },
      'The value "true" is for ACI in public clouds, which RKE does not do: only "false" is possible',
    ],
    [{ opflexMode: "overlay" }, 'The value "overlay" is for ACI in public clouds, which RKE does not do: remove it'],
  ])("refuses %j", (changes, reason) => {
    expect(aci(changes).failures).toEqual([expect.stringContaining(reason)]);
  });

  it("does not print a private key", () => {
    expect(aci({ kafkaClientKey: "hunter2" }).failures.join()).not.toContain("hunter2");
  });

  it("accepts a setting for public clouds that says what is so anyway", () => {
    expect(aci({ capic: "false" }).failures).toEqual([]);
  });
});
