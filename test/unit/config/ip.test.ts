import { describe, expect, it } from "vitest";

import { contains, overlap, parseCidr, parseIp, textOfIp } from "../../../provider/config/ip.ts";

const cidr = (text: string) => {
  const range = parseCidr(text);
  if (range === undefined) throw new Error(`${text} is not a range`);
  return range;
};
const ip = (text: string) => {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`${text} is not an address`);
  return address;
};

describe("parseIp()", () => {
  it.each([
    ["0.0.0.0", 4, 0n],
    ["10.0.0.1", 4, 0x0a000001n],
    ["255.255.255.255", 4, 0xffffffffn],
    ["::", 6, 0n],
    ["::1", 6, 1n],
    ["2001:db8::7", 6, 0x20010db8000000000000000000000007n],
  ])("reads %s", (text, family, value) => {
    expect(parseIp(text)).toEqual({ family, value });
  });

  it.each(["", "10.0.0", "10.0.0.256", "10.0.0.01", "10.0.0.1 ", "a.b.c.d", ":::", "1::2::3", "12345::", "1:2:3"])(
    "does not take %j for an address",
    (text) => {
      expect(parseIp(text)).toBeUndefined();
    },
  );
});

describe("parseCidr()", () => {
  it("finds the first and the last address, whatever bits are set behind the prefix", () => {
    const { first, last, prefix } = cidr("10.43.7.9/16");

    expect([textOfIp({ family: 4, value: first }), textOfIp({ family: 4, value: last }), prefix]).toEqual([
      "10.43.0.0",
      "10.43.255.255",
      16,
    ]);
  });

  it("knows ranges of IPv6", () => {
    expect(textOfIp({ family: 6, value: cidr("fd98::/108").last })).toBe("fd98::f:ffff");
  });

  it.each(["10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "::/129", "/16", "10.0.0.0/16/8"])(
    "does not take %j for a range",
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );
});

describe("contains()", () => {
  it.each([
    ["10.43.0.0/16", "10.43.0.0", true],
    ["10.43.0.0/16", "10.43.255.255", true],
    ["10.43.0.0/16", "10.44.0.0", false],
    ["0.0.0.0/0", "1.2.3.4", true],
    ["::/0", "1.2.3.4", false],
  ])("asks whether %s has %s in it", (range, address, answer) => {
    expect(contains(cidr(range), ip(address))).toBe(answer);
  });
});

describe("overlap()", () => {
  it.each([
    ["10.0.0.0/8", "10.43.0.0/16", true],
    ["10.43.0.0/16", "10.0.0.0/8", true],
    ["10.42.0.0/16", "10.43.0.0/16", false],
    ["10.42.0.0/16", "fd42::/56", false],
  ])("asks whether %s and %s share an address", (a, b, answer) => {
    expect(overlap(cidr(a), cidr(b))).toBe(answer);
  });
});
