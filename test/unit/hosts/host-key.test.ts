import { describe, expect, it } from "vitest";

import { expectedFingerprint, hostKeyAlgorithms, hostKeyOf, isPinned } from "../../../provider/hosts/host-key.ts";

// A key made for this test, and what `ssh-keygen -lf` says of it.
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO4nWTzAcVvfjhL9Rd27r/Mg09boAziAf3VHQkjKm3y/";
const FINGERPRINT = "SHA256:IvgiiQTfPtI8OWDj9BqMDZAtOuw5gyqsloXH9pkum64";
const BLOB = Buffer.from(KEY.split(" ")[1] ?? "", "base64");

describe("hostKeyOf()", () => {
  it("gives the forms that OpenSSH prints", () => {
    expect(hostKeyOf(BLOB)).toEqual({ key: KEY, fingerprint: FINGERPRINT });
  });
});

describe("isPinned()", () => {
  it.each([
    ["a key", KEY],
    ["a key with a comment", `${KEY} root@node-1`],
    ["a line of known_hosts", `node-1,10.0.0.1 ${KEY}`],
    ["a fingerprint", FINGERPRINT],
    ["a fingerprint with padding", `${FINGERPRINT}=`],
  ])("takes %s", (_case, pin) => {
    expect(isPinned(BLOB, pin)).toBe(true);
  });

  it("tells another key apart", () => {
    expect(isPinned(Buffer.concat([BLOB, Buffer.from([0])]), KEY)).toBe(false);
  });
});

describe("expectedFingerprint()", () => {
  it.each(["", "ssh-ed25519", "ssh-ed25519 AAAA", "MD5:aa:bb", "/etc/ssh/ssh_host_ed25519_key.pub"])(
    "refuses %j",
    (pin) => {
      expect(() => expectedFingerprint(pin)).toThrow("is neither a public key nor a fingerprint");
    },
  );
});

describe("hostKeyAlgorithms()", () => {
  it("asks for the kind of the pinned key first, and for the others after it", () => {
    const algorithms = hostKeyAlgorithms(`ssh-rsa ${Buffer.from("\0\0\0\x07ssh-rsa").toString("base64")}`);

    expect(algorithms.slice(0, 3)).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]);
    expect(algorithms).toHaveLength(7);
  });

  it("asks for the best kind when a fingerprint does not tell the kind", () => {
    expect(hostKeyAlgorithms(FINGERPRINT)[0]).toBe("ssh-ed25519");
  });
});
