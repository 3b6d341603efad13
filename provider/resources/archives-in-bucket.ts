import type { ClusterConfig } from "../config/cluster-config.ts";
import { RkeError } from "../errors.ts";
import type { Listener } from "../progress.ts";
import { Secret } from "../secrets.ts";
import { s3Store } from "../snapshots/s3-store.ts";

interface Options {
  readonly signal: AbortSignal;
  readonly emit: Listener;
  readonly limitMs?: number;
}

/**
 * The names of the archives in the bucket to which recurring snapshots go; undefined where nobody could say. Without keys in
 * the configuration it is a role of the machines that may look, and nobody here.
 */
export async function archivesInBucket(
  { services: { etcd } }: ClusterConfig,
  { signal, emit, limitMs = 15_000 }: Options,
): Promise<ReadonlySet<string> | undefined> {
  const { accessKey, secretKey, bucketName, ...rest } = etcd.backupConfig?.s3BackupConfig ?? {};
  if (!accessKey || !secretKey || !bucketName) return undefined;
  const { endpoint, region, folder, customCa } = rest;
  const store = s3Store(
    {
      bucketName,
      accessKey,
      secretKey: new Secret(secretKey),
      endpoint: endpoint || undefined,
      region: region || undefined,
      folder: folder || undefined,
      customCa: customCa || undefined,
    },
    { attempts: 2 },
  );
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    const archives = await store.list({ signal: limit });
    return new Set(archives.map(({ name }) => name));
  } catch (error) {
    signal.throwIfAborted();
    const because = error instanceof RkeError ? error.detail.because : `it did not answer within ${limitMs / 1000} s`;
    emit({ kind: "notice", text: `which snapshots are in ${store.place} is not known: ${because}` });
    return undefined;
  }
}
