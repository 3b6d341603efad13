import { createHash } from "node:crypto";

/** The first 64 bits of a SHA-1, as etcd makes its ids. */
export function hash64(text: string): bigint {
  return createHash("sha1").update(text).digest().readBigUInt64BE(0);
}
