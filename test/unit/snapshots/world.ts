import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";

import { packSnapshot } from "../../../provider/snapshots/archive.ts";

/** A folder that is gone when the test is over. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pulumi-rke-snapshots-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

export const sha256Of = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

/** Pages with etcd's checksum behind them. */
export function aDatabase({ pages = 40, fill = 7 } = {}): Buffer {
  const content = Buffer.alloc(512 * pages);
  for (let at = 0; at < content.length; at++) content[at] = (at * fill + (at >> 9)) % 251;
  return Buffer.concat([content, createHash("sha256").update(content).digest()]);
}

/** In pieces that do not fit to anything. */
export function inPieces(content: Buffer, size = 1000): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.length; at += size) pieces.push(content.subarray(at, at + size));
  return Readable.from(pieces);
}

export const aManifest = {
  version: 1,
  name: "before-upgrade",
  takenAt: "2026-11-21T08:00:00.000Z",
  clusterId: "0123456789abcdef0123456789abcdef",
  clusterName: "prod",
  kubernetesVersion: "v1.32.6-rancher1-1",
  etcdVersion: "3.5.21",
  revision: 4711,
  totalKeys: 1200,
} as const;

/** An archive in a file of its own. */
export async function packed(more: Partial<Parameters<typeof packSnapshot>[0]> = {}) {
  const file = join(await aFolder(), "before-upgrade.zip");
  return { file, ...(await packSnapshot({ file, database: inPieces(aDatabase()), manifest: aManifest, ...more })) };
}

export async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
