import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type CertificateSpec, certificatesFor } from "../../../provider/pki/names.ts";
import { aBundle, aHost, aSubject, DAY_MS, NOW } from "./world.ts";

const SUBJECT = aSubject({
  etcd: [aHost("203.0.113.1", { internalAddress: "10.0.0.1", hostnameOverride: "etcd-1" })],
  all: [aHost("2001:db8::1", { hostnameOverride: "node-1" })],
  controlPlane: [aHost("cp.example.com", { internalAddress: "10.0.0.9" })],
  sans: ["api.example.com", "2001:db8::6443"],
  serviceIps: ["10.43.0.1", "fd98::1"],
  servesKubelets: true,
});

const SPECS = certificatesFor(SUBJECT);
const LEAVES = SPECS.filter(({ signer }) => signer !== "self");

const EVERYTHING = ["-text", "-subject", "-serial", "-dates", "-dateopt", "iso_8601", "-pubkey"];

describe("openssl and the certificates of issueBundle()", () => {
  let folder = "";
  /** All that openssl says about each certificate. */
  const texts = new Map<string, string>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pki-"));
    for (const { name, certificate, key } of Object.values(await aBundle(SUBJECT))) {
      writeFileSync(join(folder, `${name}.pem`), certificate);
      writeFileSync(join(folder, `${name}-key.pem`), key?.unwrap() ?? "", { mode: 0o600 });
      texts.set(name, openssl("x509", "-in", `${name}.pem`, "-noout", ...EVERYTHING));
    }
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function openssl(...args: readonly string[]): string {
    return execFileSync("openssl", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  }

  function text(name: string): string {
    return texts.get(name) ?? "";
  }

  /** A line such as `serial=00`, without its name. */
  function field(name: string, label: string): string | undefined {
    return new RegExp(`^${label}=(.*)$`, "m").exec(text(name))?.[1];
  }

  /** The line after an extension's heading. */
  function extension(name: string, heading: string): string | undefined {
    return new RegExp(`${heading}: ?(?:critical)?\\s*\\n\\s*(.*)`).exec(text(name))?.[1]?.trim();
  }

  const at = ["-attime", String(NOW.getTime() / 1000)];

  it.each(LEAVES)("openssl verifies $name against $signer for a client", ({ name, signer }) => {
    const output = openssl(
      "verify",
      ...at,
      "-x509_strict",
      "-purpose",
      "sslclient",
      "-CAfile",
      `${signer}.pem`,
      `${name}.pem`,
    );

    expect(output).toBe(`${name}.pem: OK\n`);
  });

  it.each(LEAVES.filter(({ isServer }) => isServer))("openssl verifies $name for a server", ({ name, signer }) => {
    const output = openssl(
      "verify",
      ...at,
      "-x509_strict",
      "-purpose",
      "sslserver",
      "-CAfile",
      `${signer}.pem`,
      `${name}.pem`,
    );

    expect(output).toBe(`${name}.pem: OK\n`);
  });

  it.each(LEAVES.filter(({ isServer }) => !isServer))("openssl refuses $name for a server", ({ name, signer }) => {
    const attempt = () => openssl("verify", ...at, "-purpose", "sslserver", "-CAfile", `${signer}.pem`, `${name}.pem`);

    expect(attempt).toThrow(/unsuitable certificate purpose/);
  });

  it.each(SPECS)("openssl finds that $name and its key belong together", ({ name }) => {
    const publicKey = openssl("rsa", "-in", `${name}-key.pem`, "-pubout");

    expect(publicKey).toContain("BEGIN PUBLIC KEY");
    expect(text(name)).toContain(publicKey);
  });

  it.each(SPECS)("openssl reads the usages of $name", ({ name, signer, isServer }: CertificateSpec) => {
    const usages = {
      key: extension(name, "X509v3 Key Usage"),
      extended: extension(name, "X509v3 Extended Key Usage"),
      basic: extension(name, "X509v3 Basic Constraints"),
    };

    expect(usages).toEqual(
      signer === "self"
        ? { key: "Digital Signature, Key Encipherment, Certificate Sign", extended: undefined, basic: "CA:TRUE" }
        : {
            key: "Digital Signature, Key Encipherment",
            extended: `TLS Web Client Authentication${isServer ? ", TLS Web Server Authentication" : ""}`,
            basic: undefined,
          },
    );
  });

  it.each([
    ["kube-node", "O = system:nodes, CN = system:node"],
    ["kube-admin", "O = system:masters, CN = kube-admin"],
    ["kube-etcd-10-0-0-1", "CN = kube-etcd"],
    ["kube-kubelet-2001:db8::1", "CN = kube-kubelet-2001:db8::1"],
  ])("openssl reads the subject of %s", (name, subject) => {
    expect(field(name, "subject")).toBe(subject);
  });

  it.each([
    [
      "kube-apiserver",
      "DNS:cp.example.com, DNS:api.example.com, DNS:localhost, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, DNS:kubernetes.default.svc.cluster.local, IP Address:10.0.0.9, IP Address:2001:DB8:0:0:0:0:0:6443, IP Address:127.0.0.1, IP Address:10.43.0.1, IP Address:FD98:0:0:0:0:0:0:1",
    ],
    ["kube-kubelet-2001:db8::1", "DNS:node-1, IP Address:2001:DB8:0:0:0:0:0:1"],
    ["kube-proxy", undefined],
  ])("openssl reads the names of %s", (name, names) => {
    expect(extension(name, "X509v3 Subject Alternative Name")).toBe(names);
  });

  it("openssl finds the CA's key identifier in what it signed", () => {
    const own = extension("kube-ca", "X509v3 Subject Key Identifier");
    const named = extension("kube-apiserver", "X509v3 Authority Key Identifier");

    expect(own).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
    expect(named).toBe(own);
  });

  it.each(SPECS)("openssl dates $name an hour back, for ten years", ({ name }) => {
    const from = new Date(NOW.getTime() - 3_600_000);
    const iso = (date: Date) => date.toISOString().replace("T", " ").replace(".000", "");

    expect(field(name, "notBefore")).toBe(iso(from));
    expect(field(name, "notAfter")).toBe(iso(new Date(from.getTime() + 3650 * DAY_MS)));
  });

  it("openssl reads serial 0 in a CA and another in each certificate", () => {
    const serials = LEAVES.map(({ name }) => field(name, "serial"));

    expect(field("kube-ca", "serial")).toBe("00");
    expect(new Set(serials).size).toBe(LEAVES.length);
  });
});
