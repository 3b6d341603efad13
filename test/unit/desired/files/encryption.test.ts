import { describe, expect, it } from "vitest";

import { encryptionFile, keyToCome } from "../../../../provider/desired/files/encryption.ts";

const one = { name: "key-1", secret: "b25l" };
const two = { name: "key-2", secret: "dHdv" };

type KubeApi = Parameters<typeof encryptionFile>[0];

/** The service with no more than what decides here. */
const withEncryption = (secretsEncryptionConfig: object): KubeApi =>
  ({ secretsEncryptionConfig }) as unknown as KubeApi;

const on = withEncryption({ enabled: true });

describe("encryptionFile()", () => {
  it.each([
    ["absent", {}],
    ["off", { enabled: false }],
    ["off, with a configuration", { enabled: false, customConfig: { kind: "X" } }],
  ])("encryptionFile() is undefined when encryption is %s", (_, config) => {
    expect(encryptionFile(withEncryption(config), [one])).toBeUndefined();
  });

  it("encryptionFile() lists the keys in their order, newest first, and lets what is not encrypted be read", () => {
    expect(encryptionFile(on, [two, one])).toBe(
      [
        "apiVersion: apiserver.config.k8s.io/v1",
        "kind: EncryptionConfiguration",
        "resources:",
        "- resources:",
        "  - secrets",
        "  providers:",
        "  - aescbc:",
        "      keys:",
        "      - name: key-2",
        "        secret: dHdv",
        "      - name: key-1",
        "        secret: b25l",
        "  - identity: {}",
      ].join("\n"),
    );
  });

  it("encryptionFile() has a stand-in for a key that does not exist yet", () => {
    expect(encryptionFile(on, [])).toBe(encryptionFile(on, [keyToCome]));
  });

  it("encryptionFile() puts its header before a configuration of the person's, and leaves the keys to it", () => {
    const customConfig = {
      apiVersion: "apiserver.config.k8s.io/v1",
      kind: "EncryptionConfiguration",
      resources: [{ resources: ["secrets"], providers: [{ identity: {} }] }],
    };

    expect(encryptionFile(withEncryption({ enabled: true, customConfig }), [one])).toBe(
      [
        "apiVersion: apiserver.config.k8s.io/v1",
        "kind: EncryptionConfiguration",
        "apiVersion: apiserver.config.k8s.io/v1",
        "kind: EncryptionConfiguration",
        "resources:",
        "- providers:",
        "  - identity: {}",
        "  resources:",
        "  - secrets",
        "",
        "",
      ].join("\n"),
    );
  });
});
