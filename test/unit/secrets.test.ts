import { inspect } from "node:util";
import { describe, expect, it } from "vitest";

import { redact, Secret } from "../../provider/secrets.ts";

const PEM = `-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAp/LeZFioI5xaKkqEOvfU4ezLJysztdNwAZOLvtZYGX
o6D1my8RkqxW3mk5XfG/WrL0Sq+m7CyZarRI1KJ9yWr9/2sr5AJpwxfGyy
-----END RSA PRIVATE KEY-----
`;

describe("Secret", () => {
  const secret = new Secret("hunter2");

  it.each([
    ["String()", String(secret)],
    ["a template", `${secret}`],
    ["concatenation", `${secret}`.concat("")],
    ["JSON.stringify()", JSON.parse(JSON.stringify(secret))],
    ["JSON.stringify() of what holds it", JSON.parse(JSON.stringify({ secret })).secret],
    ["util.inspect()", inspect(secret)],
    ["util.inspect() with everything shown", inspect(secret, { showHidden: true, depth: null })],
  ])("Secret prints [redacted] in %s", (_, printed) => {
    expect(printed).toBe("[redacted]");
  });

  it("Secret prints [redacted] deep inside of what is inspected", () => {
    const printed = inspect({ nodes: [{ key: secret }] }, { depth: null });

    expect(printed).toBe("{ nodes: [ { key: [redacted] } ] }");
  });

  it("Secret shows nothing to a loop over its properties", () => {
    expect(Object.entries(secret)).toEqual([]);
  });

  it("Secret.unwrap() gives the value back", () => {
    expect(secret.unwrap()).toBe("hunter2");
  });
});

describe("redact()", () => {
  it("redact() replaces every occurrence of a secret", () => {
    const text = redact("login hunter2 failed: hunter2", [new Secret("hunter2")]);

    expect(text).toBe("login [redacted] failed: [redacted]");
  });

  it("redact() replaces the longer of two secrets first", () => {
    const text = redact("password-and-more", [new Secret("password"), new Secret("password-and-more")]);

    expect(text).toBe("[redacted]");
  });

  it("redact() leaves a text alone when a secret is empty", () => {
    expect(redact("nothing to hide", [new Secret("")])).toBe("nothing to hide");
  });

  it.each([
    ["within JSON", (value: string) => JSON.stringify({ value })],
    ["in base64", (value: string) => Buffer.from(value).toString("base64")],
    ["without its last line end", (value: string) => `key=${value.trim()}`],
    ["by one of its lines", (value: string) => `bad line: ${value.split("\n")[1]}`],
  ])("redact() finds a secret %s", (_, disguise) => {
    const secret = "first line of this secret\nsecond line of this secret\n";

    const text = redact(disguise(secret), [new Secret(secret)]);

    expect(text).not.toMatch(/line of this secret|bGluZSBvZiB0aGlz/);
  });

  it("redact() finds a private key that nobody named", () => {
    expect(redact(`env KEY=${PEM}rest`)).toBe("env KEY=[redacted]\nrest");
  });

  it("redact() finds a private key that is cut off", () => {
    expect(redact(`env KEY=${PEM.slice(0, 80)}`)).toBe("env KEY=[redacted]");
  });

  it.each(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"])(
    "redact() finds a %s in base64",
    (kind) => {
      const encoded = Buffer.from(`-----BEGIN ${kind}-----\nMIIE\n-----END ${kind}-----\n`).toString("base64");

      expect(redact(`tls.key: ${encoded}.`)).toBe("tls.key: [redacted].");
    },
  );

  it("redact() finds the key of a kubeconfig in any encoding of it", () => {
    expect(redact('    client-key-data: "QUJD"\n')).toBe('    client-key-data: "[redacted]"\n');
  });

  it("redact() leaves certificates to be read", () => {
    const certificate = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n";

    expect(redact(certificate)).toBe(certificate);
  });
});
