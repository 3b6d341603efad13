import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";

import { issueAuthority } from "../../../provider/pki/issue.ts";
import {
  isKeyOf,
  nativeKeys,
  normalPem,
  randomSerials,
  signatureCheck,
  toPkcs1,
} from "../../../provider/pki/openssl.ts";
import { Secret } from "../../../provider/secrets.ts";
import { NOW, pooledKeys } from "./world.ts";

describe("nativeKeys()", () => {
  it("nativeKeys() makes RSA keys of 2048 bits in PKCS#1", async () => {
    const key = await nativeKeys()("kube-ca");

    expect(key.unwrap()).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(createPrivateKey(key.unwrap()).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });
});

describe("randomSerials()", () => {
  it("randomSerials() gives positive numbers of at most 16 bytes, each another", () => {
    const next = randomSerials();

    const serials = Array.from({ length: 100 }, next);

    expect(serials.every((serial) => serial >= 0n && serial < 2n ** 127n)).toBe(true);
    expect(new Set(serials).size).toBe(100);
  });
});

describe("toPkcs1()", () => {
  it("toPkcs1() brings PKCS#8 into RKE's form", async () => {
    const key = await pooledKeys()("any");
    const pkcs8 = createPrivateKey(key.unwrap()).export({ type: "pkcs8", format: "pem" }).toString();

    expect(toPkcs1(new Secret(pkcs8), "the CA").unwrap()).toBe(key.unwrap());
  });

  it.each([
    [
      "an encrypted key",
      { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" } as const,
      "it is encrypted",
    ],
    [
      "an encrypted key of the old kind",
      { type: "pkcs1", format: "pem", cipher: "aes-256-cbc", passphrase: "x" } as const,
      "it is encrypted",
    ],
  ])("toPkcs1() refuses %s", async (_, form, because) => {
    const key = await pooledKeys()("any");
    const encrypted = createPrivateKey(key.unwrap()).export(form).toString();

    expect(() => toPkcs1(new Secret(encrypted), "the CA")).toThrow(`Cannot use the private key of the CA: ${because}`);
  });

  it("toPkcs1() refuses a key that is not RSA", () => {
    const { privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });

    expect(() => toPkcs1(new Secret(privateKey), "the CA")).toThrow('it is of type "ec"');
  });

  it("toPkcs1() quotes nothing of what it refuses", () => {
    const attempt = () => toPkcs1(new Secret("hunter2"), "the CA");

    expect(attempt).toThrow(/^Cannot use the private key of the CA: it is not a private key in PEM form$/);
  });
});

describe("signatureCheck() and isKeyOf()", () => {
  it("signatureCheck() and isKeyOf() tell two CAs of the same name apart", async () => {
    const keys = pooledKeys();
    const [first, second] = [await keys("first"), await keys("second")];
    const [one, other] = [first, second].map((key) => issueAuthority("kube-ca", key, { now: NOW }));

    const answers = [
      signatureCheck(one ?? "")(one ?? ""),
      signatureCheck(one ?? "")(other ?? ""),
      isKeyOf(first, one ?? ""),
      isKeyOf(first, other ?? ""),
    ];

    expect(answers).toEqual([true, false, true, false]);
  });
});

describe("normalPem()", () => {
  it("normalPem() takes the first certificate out of a file with comments and foreign line ends", async () => {
    const certificate = issueAuthority("kube-ca", await pooledKeys()("any"), { now: NOW });

    const found = normalPem(`subject=CN = kube-ca\r\n${certificate.replaceAll("\n", "\r\n")}`);

    expect(found).toBe(certificate);
  });
});
