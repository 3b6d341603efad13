import { beforeAll, describe, expect, it } from "vitest";
import { unknownValue } from "../../../provider/config/unknowns.ts";
import type { Bundle } from "../../../provider/pki/bundle.ts";
import { type RkeStateBundle, toRkeState } from "../../../provider/pki/rke-state.ts";
import { readTakeover, takeoverFailures, takeoverOf } from "../../../provider/resources/takeover.ts";
import { aBundle, fingerprints, without } from "../pki/world.ts";

let bundle: Bundle;
let certificatesBundle: RkeStateBundle;
beforeAll(async () => {
  bundle = await aBundle();
  certificatesBundle = toRkeState(bundle).unwrap();
});

const stateWith = (half: object) => JSON.stringify({ desiredState: half, currentState: half });

describe("readTakeover()", () => {
  it("finds every certificate and key", () => {
    const { certificates } = readTakeover(stateWith({ certificatesBundle }));

    expect(fingerprints(certificates).toSorted()).toEqual(fingerprints(bundle).toSorted());
  });

  it("believes what was applied, not what was only wanted", () => {
    const text = JSON.stringify({
      desiredState: { certificatesBundle: {} },
      currentState: { certificatesBundle, encryptionConfig: encryptionConfig("applied") },
    });

    expect(readTakeover(text).encryptionKeys).toEqual([{ name: "applied", secret: "c2VjcmV0" }]);
  });

  it("takes what was wanted where a first run has applied nothing", () => {
    const text = JSON.stringify({ desiredState: { certificatesBundle }, currentState: {} });

    expect(readTakeover(text).certificates["kube-ca"]?.certificate).toBe(bundle["kube-ca"]?.certificate);
  });

  it.each(["", " \n", "resources:\n- resources: [secrets]\n  providers:\n  - identity: {}\n"])(
    "finds no keys in the encryption configuration %j",
    (text) => {
      expect(readTakeover(stateWith({ certificatesBundle, encryptionConfig: text })).encryptionKeys).toEqual([]);
    },
  );

  it("passes over a custom configuration, which RKE writes with its header twice", () => {
    const header = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n";
    const text = `${header}${header}resources:\n- providers:\n  - secretbox: {keys: [{name: k1, secret: YWJj}]}\n`;

    expect(readTakeover(stateWith({ certificatesBundle, encryptionConfig: text })).encryptionKeys).toEqual([]);
  });

  it.each([
    ["half a file", () => '{"desiredState": {"certificatesBundle": {"kube-ca": "-----BEGIN RSA PRIV', "it is not JSON"],
    ["a list", () => "[]", "it is not the JSON of a state"],
    ["a state without certificates", () => stateWith({ rkeConfig: {} }), "it has no certificatesBundle"],
    ["a state without a CA", () => stateWith({ certificatesBundle: withoutCa() }), "lacks the certificate"],
    ["a CA without its key", () => stateWith({ certificatesBundle: withoutCaKey() }), "lacks the private key"],
    ["a broken encryption configuration", () => stateWith({ certificatesBundle, encryptionConfig: "[" }), "no YAML"],
  ])("says what is wrong with %s, and repeats none of it", (_, text, because) => {
    expect(() => readTakeover(text())).toThrow(because);
    expect(() => readTakeover(text())).not.toThrow(/BEGIN/);
  });
});

describe("takeoverFailures()", () => {
  it.each([
    ["nothing to adopt", () => undefined, []],
    ["a state that is not known yet", () => ({ rkeState: unknownValue }), []],
    ["a readable state", () => ({ rkeState: stateWith({ certificatesBundle }) }), []],
    ["no state", () => ({}), ["adopt.rkeState"]],
    ["an unreadable state", () => ({ rkeState: "{" }), ["adopt.rkeState"]],
  ])("judges %s", (_, adopt, places) => {
    expect(takeoverFailures({ adopt: adopt() }).map(({ property }) => property)).toEqual(places);
  });
});

describe("takeoverOf()", () => {
  it("is nothing as long as the state is not known", () => {
    expect(takeoverOf({ adopt: unknownValue })).toBeUndefined();
  });
});

function encryptionConfig(name: string): string {
  return [
    "apiVersion: apiserver.config.k8s.io/v1",
    "kind: EncryptionConfiguration",
    "resources:",
    "- resources: [secrets]",
    "  providers:",
    "  - aescbc:",
    "      keys:",
    `      - name: ${name}`,
    "        secret: c2VjcmV0",
    "  - identity: {}",
  ].join("\n");
}

const withoutCa = () => toRkeState(without(bundle, "kube-ca")).unwrap();

function withoutCaKey() {
  const { "kube-ca": ca, ...rest } = certificatesBundle;
  return { ...rest, "kube-ca": { ...ca, keyPEM: "" } };
}
