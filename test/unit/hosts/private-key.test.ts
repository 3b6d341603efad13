import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import ssh2, { type ParsedKey } from "ssh2";
import { describe, expect, it } from "vitest";

import { readableBySsh } from "../../../provider/hosts/private-key.ts";

function pkcs8(key: KeyObject, passphrase?: string): string {
  const lock = passphrase === undefined ? {} : { passphrase, cipher: "aes-256-cbc" };
  return key.export({ type: "pkcs8", format: "pem", ...lock }).toString();
}

function parsed(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** An ed25519 key from a seed, as PKCS#8 writes it: a fixed head and the seed. */
function fromSeed(seed: number): KeyObject {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(seed);
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), bytes]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

describe("readableBySsh()", () => {
  it("leaves a key alone that is in another format", () => {
    const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" });

    expect(readableBySsh(pem.toString())).toBe(pem.toString());
  });

  it("opens a locked key", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

    const key = parsed(readableBySsh(pkcs8(privateKey, "open sesame"), { passphrase: "open sesame" }));

    expect(key.type).toBe("ecdsa-sha2-nistp256");
  });

  it.each(["", "knock knock"])("refuses a locked key with the passphrase %j", (passphrase) => {
    const { privateKey } = generateKeyPairSync("ed25519");

    expect(() => readableBySsh(pkcs8(privateKey, "open sesame"), { passphrase })).toThrow();
  });

  it("keeps the leading zeros of an ed25519 key", () => {
    const seeds = Array.from({ length: 2000 }, (_, seed) => fromSeed(seed));
    const key = seeds.find(
      (candidate) => Buffer.from(candidate.export({ format: "jwk" }).x ?? "", "base64url")[0] === 0,
    );

    const blob = parsed(readableBySsh(pkcs8(key as KeyObject))).getPublicSSH();

    expect(blob.subarray(-32).toString("base64url")).toBe(key?.export({ format: "jwk" }).x);
  });
});
