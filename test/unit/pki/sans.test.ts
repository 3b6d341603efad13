import { describe, expect, it } from "vitest";

import { hostSans, sameSans, serverSans } from "../../../provider/pki/sans.ts";
import { aHost } from "./world.ts";

const SOURCE = { sans: [], serviceIps: ["10.43.0.1"], clusterDomain: "k8s.example" };

describe("serverSans()", () => {
  it("serverSans() ends with the names every cluster has", () => {
    const sans = serverSans([], SOURCE);

    expect(sans).toEqual({
      dnsNames: [
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.k8s.example",
      ],
      ipAddresses: ["127.0.0.1", "10.43.0.1"],
    });
  });

  it("serverSans() puts what the person adds after the hosts, in its order, twice if it is there twice", () => {
    const extra = ["zeta.example", "192.0.2.7", "alpha.example", "192.0.2.7"];

    const sans = serverSans([aHost("10.0.0.1", { hostnameOverride: "a" })], SOURCE, { extra });

    expect(sans.dnsNames.slice(0, 4)).toEqual(["a", "zeta.example", "alpha.example", "localhost"]);
    expect(sans.ipAddresses).toEqual(["10.0.0.1", "192.0.2.7", "192.0.2.7", "127.0.0.1", "10.43.0.1"]);
  });
});

describe("hostSans()", () => {
  it("hostSans() names an address, an internal address and a hostname once each", () => {
    const host = aHost("203.0.113.1", { internalAddress: "10.0.0.1", hostnameOverride: "node-1" });

    expect(hostSans([host])).toEqual({ dnsNames: ["node-1"], ipAddresses: ["203.0.113.1", "10.0.0.1"] });
  });

  it("hostSans() names a host that has its address only once", () => {
    expect(hostSans([aHost("10.0.0.1")])).toEqual({ dnsNames: [], ipAddresses: ["10.0.0.1"] });
  });

  it("hostSans() skips what is empty", () => {
    const host = { address: "10.0.0.1", internalAddress: "", hostnameOverride: "" };

    expect(hostSans([host])).toEqual({ dnsNames: [], ipAddresses: ["10.0.0.1"] });
  });
});

describe("sameSans()", () => {
  const sans = { dnsNames: ["a", "b"], ipAddresses: ["10.0.0.1", "fd98::1"] };

  it("sameSans() does not care for order, repetition and spelling", () => {
    const same = { dnsNames: ["b", "a", "a"], ipAddresses: ["FD98:0:0:0:0:0:0:1", "10.0.0.1"] };

    expect(sameSans(sans, same)).toBe(true);
  });

  it.each([
    ["one more name", { ...sans, dnsNames: ["a", "b", "c"] }],
    ["one name less", { ...sans, dnsNames: ["a"] }],
    ["another address", { ...sans, ipAddresses: ["10.0.0.1", "fd98::2"] }],
  ])("sameSans() sees %s", (_, other) => {
    expect(sameSans(sans, other)).toBe(false);
  });
});
