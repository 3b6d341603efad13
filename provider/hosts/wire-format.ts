/** A reader of SSH's binary format (RFC 4251, section 5). Reading past the end throws a RangeError. */
export function wireReader(bytes: Buffer): WireReader {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError("the data ends too early");
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    string: () => take(take(4).readUInt32BE()),
    uint32: () => take(4).readUInt32BE(),
    uint64: () => take(8).readBigUInt64BE(),
    skip: (length) => void take(length),
    position: () => at,
  };
}

export interface WireReader {
  string(): Buffer;
  uint32(): number;
  uint64(): bigint;
  skip(length: number): void;
  position(): number;
}

/** A string of SSH's binary format: its length in four bytes, and its bytes. */
export function wireString(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
