import { statfs } from "node:fs/promises";

import { RkeError } from "../errors.ts";
import { snapshotFolder } from "../snapshots/manifest.ts";

/** Refuses what would fill a disk of the machine that runs Pulumi in the middle. */
export async function refuseFullSpool(home: string, wantedBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(home);
  if (bavail * bsize >= wantedBytes) return;
  throw new RkeError("storage", {
    doing,
    because: `${home} has ${sizeText(bavail * bsize)} free, and up to ${sizeText(wantedBytes)} are needed`,
    hint: "Make room there; or set TMPDIR, or storage.folder, to a folder on another disk",
  });
}

/** The same for a machine of the cluster, whose etcd stops when the disk is the one that it writes to. */
export function refuseFullDisk(
  freeBytes: number,
  { wantedBytes, machine }: { readonly wantedBytes: number; readonly machine: string },
): void {
  if (freeBytes >= wantedBytes) return;
  throw new RkeError("storage", {
    doing,
    node: machine,
    because: `${snapshotFolder} has ${sizeText(freeBytes)} free, and up to ${sizeText(wantedBytes)} are needed`,
    hint: "Make room on that disk; older snapshots lie in the same folder",
  });
}

const doing = "store a snapshot of etcd";

/** In words: `1.5 GB`, `12 MB`, `40 kB`. */
export function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(0)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
