/** The few forms of DER that a certificate is made of. Each gives bytes, so what was read before goes in untouched. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, ...parts);
}

export function setOf(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x31, ...parts);
}

/** A field marked by its number; `constructed` when it holds other elements. */
export function tagged(number: number, content: Uint8Array, { constructed = false } = {}): Uint8Array {
  return element((constructed ? 0xa0 : 0x80) | number, content);
}

export function yes(): Uint8Array {
  return element(0x01, Uint8Array.of(0xff));
}

export function nothing(): Uint8Array {
  return element(0x05);
}

/** A number that is not negative. A first byte of 128 and more would mean less than zero, so a zero goes before it. */
export function integer(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return element(0x02, ...((bytes[0] ?? 0) > 127 ? [Uint8Array.of(0)] : []), bytes);
}

export function octets(content: Uint8Array): Uint8Array {
  return element(0x04, content);
}

export function bits(content: Uint8Array, { unused = 0 } = {}): Uint8Array {
  return element(0x03, Uint8Array.of(unused), content);
}

/** The first two numbers of an object identifier share a byte; the others take seven bits a byte. */
export function objectId(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** PrintableString where its few characters do, as Go writes it, else UTF-8. */
export function text(value: string): Uint8Array {
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
  return element(isPrintable ? 0x13 : 0x0c, Buffer.from(value, "utf8"));
}

/** Two digits for the year up to 2049, four from then on: RFC 5280. */
export function time(date: Date): Uint8Array {
  const digits = `${date.toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2), "ascii"))
    : element(0x18, Buffer.from(digits, "ascii"));
}

function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag, ...lengthBytes(content.length)), content]);
}

function lengthBytes(length: number): readonly number[] {
  if (length < 128) {
    return [length];
  }
  const bytes = base256(length);
  return [0x80 | bytes.length, ...bytes];
}

function base256(value: number): readonly number[] {
  return value < 256 ? [value] : [...base256(Math.floor(value / 256)), value % 256];
}

function base128(value: number): readonly number[] {
  const high = (rest: number): readonly number[] =>
    rest === 0 ? [] : [...high(Math.floor(rest / 128)), 0x80 | (rest % 128)];
  return [...high(Math.floor(value / 128)), value % 128];
}
