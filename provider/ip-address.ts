/** The one spelling of an IP address (lower case, zeros shortened), or undefined when the text is not an address. */
export function canonicalIp(text: string): string | undefined {
  const bytes = ipBytes(text);
  return bytes === undefined ? undefined : ipText(bytes);
}

/** An IP address as its 4 or 16 bytes. IPv4 within IPv6 (`::ffff:10.0.0.1`) is IPv4, as certificates have it. */
export function ipBytes(text: string): readonly number[] | undefined {
  const bytes = text.includes(":") ? ipv6Bytes(text) : ipv4Bytes(text);
  return bytes !== undefined && isMappedIpv4(bytes) ? bytes.slice(12) : bytes;
}

/** Bytes as text: RFC 5952, the way Go prints an address. */
export function ipText(bytes: readonly number[]): string {
  if (bytes.length === 4) {
    return bytes.join(".");
  }
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const zeros = longestZeros(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  return zeros.length < 2
    ? hex(groups)
    : `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

function ipv4Bytes(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  const isByte = (part: string) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  return parts.length === 4 && parts.every(isByte) ? parts.map(Number) : undefined;
}

function ipv6Bytes(text: string): readonly number[] | undefined {
  const [head = "", tail, ...more] = text.split("::");
  const before = tail !== undefined && head.includes(".") ? undefined : groupBytes(head);
  const after = tail === undefined ? [] : groupBytes(tail);
  if (before === undefined || after === undefined || more.length > 0) {
    return undefined;
  }
  const missing = 16 - before.length - after.length;
  const fits = tail === undefined ? missing === 0 : missing >= 2;
  return fits ? [...before, ...new Array<number>(missing).fill(0), ...after] : undefined;
}

/** The bytes of a run of groups; the last group may be a whole IPv4 address. */
function groupBytes(run: string): readonly number[] | undefined {
  if (run === "") {
    return [];
  }
  const groups = run.split(":");
  const bytes = groups.map((group, i) => {
    if (i === groups.length - 1 && group.includes(".")) {
      return ipv4Bytes(group);
    }
    const value = Number.parseInt(group, 16);
    return /^[0-9a-f]{1,4}$/i.test(group) ? [value >> 8, value & 255] : undefined;
  });
  return bytes.every((part) => part !== undefined) ? bytes.flat() : undefined;
}

function isMappedIpv4(bytes: readonly number[]): boolean {
  return (
    bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  );
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  return groups.reduce(
    (best, _, start) => {
      const end = groups.findIndex((group, i) => i >= start && group !== 0);
      const length = (end === -1 ? groups.length : end) - start;
      return length > best.length ? { start, length } : best;
    },
    { start: 0, length: 0 },
  );
}
