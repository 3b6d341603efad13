import { beforeAll, describe, expect, it } from "vitest";

import type { Bundle } from "../../../provider/pki/bundle.ts";
import {
  clusterIdOf,
  encryptionKeyOf,
  identityText,
  readIdentity,
  serverHost,
} from "../../../provider/resources/identity-bundle.ts";
import { aBundle, aSubject, daysLater, pooledKeys, without } from "../pki/world.ts";

let bundle: Bundle;
let other: Bundle;
beforeAll(async () => {
  bundle = await aBundle();
  const keys = pooledKeys();
  await keys("the first one, which the other CA has");
  other = await aBundle(aSubject(), { keys });
});

describe("encryptionKeyOf()", () => {
  it("is 32 bytes and a name that tells keys apart", () => {
    const { name, secret } = encryptionKeyOf(bundle);

    expect(Buffer.from(secret, "base64")).toHaveLength(32);
    expect(name).toMatch(/^key-[0-9a-f]{10}$/);
  });

  it("follows from the CA alone, so that a run that was killed finds it again", () => {
    const { "kube-ca": ca } = bundle;

    expect(encryptionKeyOf({ "kube-ca": ca } as Bundle)).toEqual(encryptionKeyOf(bundle));
  });

  it("is another one for another cluster", () => {
    expect(encryptionKeyOf(other).secret).not.toBe(encryptionKeyOf(bundle).secret);
  });

  it("cannot be made without the key of the CA, and says what to give instead", () => {
    const { "kube-ca": ca } = bundle;
    const keyless = { ...bundle, "kube-ca": { ...ca, key: undefined } } as Bundle;

    expect(() => encryptionKeyOf(keyless)).toThrow(/customConfig/);
  });
});

describe("clusterIdOf()", () => {
  it("stays when the certificates around the CA are issued again", async () => {
    const again = await aBundle(aSubject({ sans: ["new.example"] }), { existing: bundle, clock: () => daysLater(10) });

    expect(clusterIdOf(again)).toBe(clusterIdOf(bundle));
    expect(clusterIdOf(other)).not.toBe(clusterIdOf(bundle));
  });
});

describe("readIdentity()", () => {
  it("reads what identityText() wrote", () => {
    const { "kube-ca": ca } = readIdentity(identityText(bundle));

    expect(ca?.key?.unwrap()).toBe(bundle["kube-ca"]?.key?.unwrap());
  });

  it("names what is missing", () => {
    expect(() => readIdentity(identityText(without(bundle, "kube-admin")))).toThrow('it lacks "kube-admin"');
  });

  it("repeats nothing of a text that it cannot read", () => {
    expect(() => readIdentity("a private key")).toThrow("it is not JSON");
    expect(() => readIdentity("a private key")).not.toThrow(/private/);
  });
});

describe("serverHost()", () => {
  it.each([
    ["k8s.example.com", "k8s.example.com"],
    ["k8s.example.com:8443", "k8s.example.com"],
    ["https://k8s.example.com/one", "k8s.example.com"],
    ["fd00::1", "fd00::1"],
    ["[fd00::1]:8443", "fd00::1"],
  ])("finds the host in %s", (server, host) => {
    expect(serverHost(server)).toBe(host);
  });
});
