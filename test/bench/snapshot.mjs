// Packs a database into an archive and reads it back to its end: how long that takes, and the most memory that the process
// has had. With PULUMI_RKE_BENCH_S3, the settings of a
// store as JSON, it goes there and back as well.
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { manifest, rssMb, timed } from "./snapshots.mjs";

const provider = createRequire(join(import.meta.dirname, "../../dist/provider/index.js"));

export async function bench({ mb = "2048" }) {
  const { packSnapshot, openArchive } = provider("./snapshots/archive.js");
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-bench-"));
  const file = join(folder, "bench.zip");
  try {
    const startMb = rssMb();
    const { value: packed, ms: packMs } = await timed(() =>
      packSnapshot({ file, database: Readable.from(database(Number(mb)), { objectMode: false }), manifest }),
    );
    const archive = await openArchive(file);
    const { ms: verifyMs } = await timed(() => archive.verify());
    await archive.close();
    const s3 = process.env.PULUMI_RKE_BENCH_S3 === undefined ? {} : await throughS3(file, { packed, folder });
    return { mb: Number(mb), archiveMb: toMb(packed.sizeBytes), packMs, verifyMs, ...s3, startMb, mostMb: rssMb() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function throughS3(file, { packed, folder }) {
  const { s3Store } = provider("./snapshots/s3-store.js");
  const { Secret } = provider("./secrets.js");
  const { secretKey, ...settings } = JSON.parse(process.env.PULUMI_RKE_BENCH_S3);
  const store = s3Store({ ...settings, secretKey: new Secret(secretKey) });
  const name = `bench-${randomBytes(4).toString("hex")}.zip`;
  const { ms: putMs } = await timed(() => store.put(name, file, { sha256: packed.sha256 }));
  const { ms: getMs } = await timed(() => store.get(name, join(folder, "back.zip")));
  await store.remove(name);
  return { putMs, getMs };
}

/** Pages of which a part is new each time, with etcd's checksum behind them. */
function* database(mb) {
  const sha256 = createHash("sha256");
  const block = Buffer.alloc(1024 * 1024, '{"kind":"Pod","metadata":{"name":"web-');
  for (let index = 0; index < mb; index++) {
    for (let at = 0; at < block.length; at += 64 * 1024) randomBytes(16 * 1024).copy(block, at);
    sha256.update(block);
    yield Buffer.from(block);
  }
  yield sha256.digest();
}

const toMb = (bytes) => Math.round(bytes / 1024 / 1024);
