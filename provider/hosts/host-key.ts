import { createHash } from "node:crypto";

import { RkeError } from "../errors.ts";
import type { HostKey } from "./connection.ts";

/** The two forms of a public key as it comes over the wire. */
export function hostKeyOf(blob: Buffer): HostKey {
  return { fingerprint: fingerprint(blob), key: `${keyType(blob)} ${blob.toString("base64")}` };
}

/** Whether a key is the pinned one, given as a fingerprint or as a line of known_hosts with or without the name. */
export function isPinned(blob: Buffer, pin: string): boolean {
  return expectedFingerprint(pin) === fingerprint(blob);
}

/** The fingerprint that a pin stands for. */
export function expectedFingerprint(pin: string): string {
  const text = pin.trim();
  if (text.startsWith("SHA256:")) return text.replace(/=+$/, "");
  return fingerprint(pinnedBlob(text));
}

/**
 * The key algorithms to ask a server for, the pinned key's first: a server has one key of each kind, and the kind that
 * the client likes best is the one it shows.
 */
export function hostKeyAlgorithms(pin: string | undefined): readonly string[] {
  if (pin === undefined || pin.trim().startsWith("SHA256:")) return ALGORITHMS;
  const type = keyType(pinnedBlob(pin.trim()));
  const first = ALGORITHMS.filter((algorithm) => algorithm === type || (type === "ssh-rsa" && isRsa(algorithm)));
  return [...first, ...ALGORITHMS.filter((algorithm) => !first.includes(algorithm))];
}

const ALGORITHMS: readonly string[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
];

function isRsa(algorithm: string): boolean {
  return algorithm.startsWith("rsa-sha2-") || algorithm === "ssh-rsa";
}

function pinnedBlob(line: string): Buffer {
  const words = line.split(/\s+/);
  const type = words.findIndex((word) => ALGORITHMS.includes(word));
  const blob = Buffer.from(words[type + 1] ?? "", "base64");
  if (type === -1 || blob.length < 8 || keyType(blob) !== words[type]) {
    throw new RkeError("config", {
      doing: "read the pinned host key",
      because: `"${line}" is neither a public key nor a fingerprint`,
      hint: 'Give it as "ssh-ed25519 AAAA…" or "SHA256:…"',
    });
  }
  return blob;
}

function keyType(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1");
}

/** As OpenSSH prints it: base64 without padding. */
function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
