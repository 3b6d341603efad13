import { randomBytes } from "node:crypto";
import ssh2, { type ParsedKey, type PublicKeyAuthContext } from "ssh2";

import { type WireReader, wireReader, wireString } from "../../provider/hosts/wire-format.ts";

export interface CertificateOptions {
  /** Private key of the authority, ed25519 in OpenSSH's format. */
  readonly authority: string;
  /** The key to certify, ed25519, as a line of authorized_keys. */
  readonly publicKey: string;
  readonly keyId?: string;
  readonly user?: string;
  readonly validBefore?: Date;
  /** 1 for users, 2 for hosts. */
  readonly type?: number;
}

const TYPE = "ssh-ed25519-cert-v01@openssh.com";

/** Issues an OpenSSH certificate, as `ssh-keygen -s` does. */
export function issueCertificate(options: CertificateOptions): string {
  const { authority, publicKey, keyId = "test", user = "root", validBefore, type = 1 } = options;
  const signer = parsed(authority);
  const until = validBefore === undefined ? 2n ** 64n - 1n : BigInt(Math.floor(validBefore.getTime() / 1000));
  const body = Buffer.concat([
    wireString(TYPE),
    wireString(randomBytes(32)),
    parsed(publicKey).getPublicSSH().subarray(wireString("ssh-ed25519").length),
    number(0n, 8),
    number(BigInt(type), 4),
    wireString(keyId),
    wireString(wireString(user)),
    number(0n, 8),
    number(until, 8),
    wireString(""),
    wireString(""),
    wireString(""),
    wireString(signer.getPublicSSH()),
  ]);
  const signature = signer.sign(body);
  if (signature instanceof Error) throw signature;
  const blob = Buffer.concat([body, wireString(Buffer.concat([wireString("ssh-ed25519"), wireString(signature)]))]);
  return `${TYPE} ${blob.toString("base64")} ${keyId}`;
}

/** Whether a login shows a certificate by one of the authorities and, once it is signed, proves to hold its key. */
export function provesByCertificate(context: PublicKeyAuthContext, authorities: readonly string[]): boolean {
  if (context.key.algo !== TYPE) return false;
  const blob = context.key.data;
  const reader = wireReader(blob);
  reader.string();
  reader.string();
  const publicKey = reader.string();
  skipToAuthority(reader);
  const authorityKey = reader.string();
  const body = blob.subarray(0, reader.position());
  const authority = authorities.map(parsed).find((known) => known.getPublicSSH().equals(authorityKey));
  if (authority?.verify(body, plainSignature(reader.string())) !== true) return false;

  if (context.signature === undefined || context.blob === undefined) return true;
  const plain = Buffer.concat([wireString("ssh-ed25519"), wireString(publicKey)]);
  const holder = parsed(`ssh-ed25519 ${plain.toString("base64")}`);
  return holder.verify(context.blob, plainSignature(context.signature)) === true;
}

function skipToAuthority(reader: WireReader): void {
  reader.uint64();
  reader.uint32();
  reader.string();
  reader.string();
  reader.uint64();
  reader.uint64();
  reader.string();
  reader.string();
  reader.string();
}

/** As strict as sshd: the name before the signature is the plain algorithm's, and not the certificate's. */
function plainSignature(field: Buffer): Buffer {
  const reader = wireReader(field);
  const name = reader.string().toString("latin1");
  return name === "ssh-ed25519" ? reader.string() : Buffer.alloc(64);
}

function parsed(key: string): ParsedKey {
  const result = ssh2.utils.parseKey(key);
  if (result instanceof Error) throw result;
  return result;
}

function number(value: bigint, bytes: 4 | 8): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(value);
  return buffer.subarray(8 - bytes);
}
