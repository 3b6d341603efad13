import { ipBytes, ipText } from "../ip-address.ts";

/** An address as a number. */
export interface Ip {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A range of addresses: the first of them and the number of leading bits they share. */
export interface Cidr extends Ip {
  readonly prefix: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Reads an IPv4 or IPv6 address; undefined for anything else. */
export function parseIp(text: string): Ip | undefined {
  const bytes = ipBytes(text);
  if (bytes === undefined) return undefined;
  return { family: bytes.length === 4 ? 4 : 6, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) };
}

/** Reads `10.42.0.0/16`. As in RKE, bits behind the prefix may be set. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = "", bits = ""] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const ip = parseIp(address);
  if (ip === undefined) return undefined;
  const [size, prefix] = [sizes[ip.family], Number(bits)];
  if (prefix > size) return undefined;
  const rest = (1n << BigInt(size - prefix)) - 1n;
  const first = ip.value & ~rest;
  return { ...ip, prefix, first, last: first | rest };
}

export const contains = (range: Cidr, ip: Ip): boolean =>
  range.family === ip.family && range.first <= ip.value && ip.value <= range.last;

export const overlap = (a: Cidr, b: Cidr): boolean => a.family === b.family && a.first <= b.last && b.first <= a.last;

/** The text of an address. */
export function textOfIp({ family, value }: Ip): string {
  const length = sizes[family] / 8;
  return ipText(Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn)));
}

const sizes = { 4: 32, 6: 128 } as const;
