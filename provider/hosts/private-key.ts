import { createPrivateKey, type KeyObject } from "node:crypto";

import { wireString } from "./wire-format.ts";

/**
 * Brings a PKCS#8 key, which OpenSSH and Go read and ssh2 does not, into a form that ssh2 reads. Others are left alone.
 * Throws what OpenSSL says when the key is damaged or the passphrase is wrong.
 */
export function readableBySsh(pem: string, { passphrase }: { passphrase?: string | undefined } = {}): string {
  if (!/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(pem)) return pem;
  const key = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs1", format: "pem" }).toString();
  if (key.asymmetricKeyType === "ec") return key.export({ type: "sec1", format: "pem" }).toString();
  if (key.asymmetricKeyType === "ed25519") return openSshKey(key);
  return pem;
}

/** Writes an ed25519 key as openssh-key-v1, the only form of it that ssh2 knows (OpenSSH's PROTOCOL.key). */
function openSshKey(key: KeyObject): string {
  const { x = "", d = "" } = key.export({ format: "jwk" });
  const [publicKey, seed] = [Buffer.from(x, "base64url"), Buffer.from(d, "base64url")];
  const publicBlob = Buffer.concat([wireString("ssh-ed25519"), wireString(publicKey)]);
  const check = Buffer.alloc(8);
  const secret = Buffer.concat([check, publicBlob, wireString(Buffer.concat([seed, publicKey])), wireString("")]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8));
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    wireString("none"),
    wireString("none"),
    wireString(""),
    Buffer.from([0, 0, 0, 1]),
    wireString(publicBlob),
    wireString(Buffer.concat([secret, padding])),
  ]);
  const lines = body.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}
