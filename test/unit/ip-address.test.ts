import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { canonicalIp, ipBytes } from "../../provider/ip-address.ts";

describe("canonicalIp()", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["FD98:0:0:0:0:0:0:1", "fd98::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["::", "::"],
    ["1::", "1::"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("canonicalIp() spells %s as %s", (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  it.each([
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.01",
    "node-1",
    "1::2::3",
    "12345::",
    "::1%eth0",
    "1.2.3.4::",
    ":::",
    "1:2",
  ])("canonicalIp() finds no address in %j", (text) => {
    expect(canonicalIp(text)).toBeUndefined();
  });

  it("canonicalIp() knows every address that Node knows", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        expect(isIP(canonicalIp(address) ?? "")).not.toBe(0);
      }),
    );
  });

  it("canonicalIp() says the same of its own answer", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const canonical = canonicalIp(address) ?? "";

        expect(canonicalIp(canonical)).toBe(canonical);
      }),
    );
  });
});

describe("ipBytes()", () => {
  it("ipBytes() has four bytes for IPv4 written within IPv6", () => {
    expect(ipBytes("::ffff:a00:1")).toEqual([10, 0, 0, 1]);
  });
});
