import type { ParsedKey } from "ssh2";

import { wireReader, wireString } from "./wire-format.ts";

/** What an OpenSSH user certificate says, as far as it matters to whoever uses it (OpenSSH's PROTOCOL.certkeys). */
export interface Certificate {
  readonly blob: Buffer;
  /** What the certificate authority calls it. */
  readonly keyId: string;
  /** Undefined for a certificate that never expires. */
  readonly validUntil: Date | undefined;
  /** Name of the public key algorithm, for a login with it. */
  readonly algorithm: string;
  /** The plain algorithm that signs. */
  readonly signatureAlgorithm: string;
  readonly hash: string | undefined;
  /** The public key in it, without its type. */
  readonly publicKey: Buffer;
}

/** Reads the one line of a `…-cert.pub` file. Throws an Error that says what is wrong with it. */
export function readCertificate(line: string): Certificate {
  const [type = "", base64 = ""] = line.trim().split(/\s+/);
  const kind = KINDS.find((candidate) => candidate.type === type);
  if (kind === undefined) throw new Error(`"${type.slice(0, 60)}" is not a kind of OpenSSH user certificate`);
  const blob = Buffer.from(base64, "base64");
  const reader = wireReader(blob);
  if (reader.string().toString("latin1") !== type) throw new Error("its two parts do not belong together");
  reader.string(); // The nonce.
  const start = reader.position();
  for (let field = 0; field < kind.keyFields; field++) reader.string();
  const publicKey = blob.subarray(start, reader.position());
  reader.uint64(); // The serial number.
  if (reader.uint32() !== USER_CERTIFICATE) throw new Error("it is a certificate for hosts and not for users");
  const keyId = reader.string().toString("utf8");
  reader.string(); // The user names it is good for; sshd judges that.
  reader.uint64(); // Valid from.
  const validBefore = reader.uint64();
  const validUntil = validBefore === FOREVER ? undefined : new Date(Number(validBefore) * 1000);
  const { algorithm = type, signatureAlgorithm, hash } = kind;
  return { blob, keyId, validUntil, algorithm, signatureAlgorithm, hash, publicKey };
}

/** A key that shows a certificate in place of its public key. It is given to ssh2, which knows no certificates. */
export function certifiedKey(key: ParsedKey, certificate: Certificate): ParsedKey {
  const plain = key.getPublicSSH();
  if (!plain.subarray(wireString(key.type).length).equals(certificate.publicKey)) {
    throw new Error("it was issued for another key");
  }
  const sign = (data: Buffer) => sshSignature(key.sign(data, certificate.hash), certificate.signatureAlgorithm);
  return Object.create(key, {
    type: { value: certificate.algorithm },
    getPublicSSH: { value: () => certificate.blob },
    sign: { value: sign },
  }) as ParsedKey;
}

interface Kind {
  readonly type: string;
  /** How many strings the public key is made of. */
  readonly keyFields: number;
  /** When it is not the type of the certificate. */
  readonly algorithm?: string;
  readonly signatureAlgorithm: string;
  readonly hash?: string;
}

const ECDSA_CURVES = ["nistp256", "nistp384", "nistp521"];

const KINDS: readonly Kind[] = [
  { type: "ssh-ed25519-cert-v01@openssh.com", keyFields: 1, signatureAlgorithm: "ssh-ed25519" },
  ...ECDSA_CURVES.map((curve) => ({
    type: `ecdsa-sha2-${curve}-cert-v01@openssh.com`,
    keyFields: 2,
    signatureAlgorithm: `ecdsa-sha2-${curve}`,
  })),
  {
    // With SHA-2: what the type itself stands for is SHA-1, which sshd has refused since 8.8.
    type: "ssh-rsa-cert-v01@openssh.com",
    keyFields: 2,
    algorithm: "rsa-sha2-512-cert-v01@openssh.com",
    signatureAlgorithm: "rsa-sha2-512",
    hash: "sha512",
  },
];

const USER_CERTIFICATE = 1;
const FOREVER = 2n ** 64n - 1n;

/** OpenSSL gives an ECDSA signature as DER, and SSH wants its two numbers; ssh2 sees to that only for plain keys. */
function sshSignature(signature: Buffer | Error, algorithm: string): Buffer | Error {
  if (signature instanceof Error || !algorithm.startsWith("ecdsa-")) return signature;
  const body = signature.subarray(signature[1] === 0x81 ? 3 : 2);
  const r = body.subarray(2, 2 + (body[1] ?? 0));
  const s = body.subarray(2 + r.length + 2);
  return Buffer.concat([wireString(r), wireString(s)]);
}
