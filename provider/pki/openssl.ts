import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { promisify } from "node:util";

import { RkeError } from "../errors.ts";
import { Secret } from "../secrets.ts";

/** Gives a new RSA private key as PKCS#1 PEM. The name says what it is for, so that a test can hand out its own. */
export type KeySource = (name: string) => Promise<Secret<string>>;

/** Gives a serial number: positive, at most 20 bytes, never the same twice. */
export type SerialSource = () => bigint;

export interface PublicKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** SHA-1 of the key's bits: what certificates use for a key identifier. */
  readonly id: Uint8Array;
}

/** RSA keys of 2048 bits, as RKE has them, made on the thread pool: ask for many at once and all cores work. */
export function nativeKeys(): KeySource {
  const generate = promisify(generateKeyPair);
  return async () => {
    const { privateKey } = await generate("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "der" },
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
    });
    return new Secret(privateKey);
  };
}

/** Serials of 127 random bits. */
export function randomSerials(): SerialSource {
  return () => BigInt(`0x${randomBytes(16).toString("hex")}`) >> 1n;
}

/** The public half of a private key. `what` names the key in errors. */
export function publicKeyOf(key: Secret<string>, what: string): PublicKey {
  const publicKey = createPublicKey(readPrivateKey(key, what));
  const bits = publicKey.export({ type: "pkcs1", format: "der" });
  return { spki: publicKey.export({ type: "spki", format: "der" }), id: createHash("sha1").update(bits).digest() };
}

/** Signs the way RKE does: RSA PKCS#1 v1.5 over SHA-256. */
export function signSha256(bytes: Uint8Array, key: Secret<string>): Uint8Array {
  return sign("sha256", bytes, key.unwrap());
}

/** Brings an RSA private key, PKCS#1 or PKCS#8, into the one form that RKE writes. `what` names the key in errors. */
export function toPkcs1(key: Secret<string>, what: string): Secret<string> {
  const parsed = readPrivateKey(key, what);
  return new Secret(parsed.export({ type: "pkcs1", format: "pem" }).toString());
}

/** Whether the private key belongs to the certificate. */
export function isKeyOf(key: Secret<string>, certificate: string): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key.unwrap()));
}

/**
 * Gives the question "did this CA sign it?" for one CA. It looks at the signature: names are no proof, since every CA
 * that RKE makes is called kube-ca.
 */
export function signatureCheck(ca: string): (certificate: string) => boolean {
  const { publicKey } = new X509Certificate(ca);
  return (certificate) => new X509Certificate(certificate).verify(publicKey);
}

/** The certificate alone, the way Go and OpenSSL write PEM: without comments, chains and foreign line ends. */
export function normalPem(certificate: string): string {
  return new X509Certificate(certificate).toString();
}

function readPrivateKey(key: Secret<string>, what: string): KeyObject {
  const refuse = (because: string, hint?: string) =>
    new RkeError("config", { doing: `use the private key of ${what}`, because, ...(hint && { hint }) });
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(key.unwrap())) {
    throw refuse("it is encrypted", "Decrypt it first: openssl rsa -in encrypted.pem -out key.pem");
  }
  let parsed: KeyObject;
  try {
    parsed = createPrivateKey(key.unwrap());
  } catch {
    // The cause is left out: OpenSSL's words say less, and nothing about a key belongs into an error.
    throw refuse("it is not a private key in PEM form");
  }
  if (parsed.asymmetricKeyType !== "rsa") {
    throw refuse(`it is of type "${parsed.asymmetricKeyType}"`, "RKE works with RSA keys only");
  }
  return parsed;
}
