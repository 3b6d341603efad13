import { hasUnknown } from "../config/unknowns.ts";
import { type BackupState, readBackupState } from "../state/backup-state.ts";
import { accessIn } from "./backup-access.ts";
import { backupArgs } from "./backup-inputs.ts";
import { placeOf, planCopies } from "./backup-locations.ts";
import { sizeText } from "./backup-room.ts";
import type { Properties } from "./handler.ts";
import { mapAt } from "./properties.ts";

/** What an update would do, line by line. */
export function previewLines(olds: Properties, news: Properties, replaces: readonly string[]): readonly string[] {
  const state = readBackupState(olds);
  const isDeleted = news.retain === "delete";
  if (replaces.length > 0) {
    const names = replaces.map((name) => (name === "clusterId" ? "the cluster" : name));
    const old = olds.retain === "delete" ? "is deleted" : "stays where it is";
    return [`takes another snapshot, because of ${names.join(" and ")}; then ${state.name} ${old}`];
  }
  if (hasUnknown([news.storage, news.secrets])) return [];
  const access = accessIn(hasUnknown(news.access) ? olds : news);
  const { leaving, missing } = planCopies(state, { args: backupArgs(news), access });
  return [
    ...missing.map((copy) => `copies ${state.name} to ${placeOf(copy)}`),
    ...leaving.map((copy) => `${isDeleted ? "deletes" : "leaves"} ${placeOf(copy)}`),
  ];
}

/** Said of a backup that does not survive what it is for. */
export function storageWarning({ storage: whole, secrets }: Properties): string | undefined {
  if (hasUnknown(whole)) return undefined;
  const storage = mapAt({ whole }, "whole");
  const isElsewhere =
    storage.s3 !== undefined || storage.folder !== undefined || "storage.s3" in mapAt({ secrets }, "secrets");
  if (storage.nodes !== true || isElsewhere) return undefined;
  return "warning: the snapshot is kept on the machines of the cluster only, and is lost with them: add s3 or folder to storage";
}

/** What came of it, for the last line of a run. */
export function summary({ name, locations, sizeBytes, revision, totalKeys, etcdVersion }: BackupState): string {
  const what = `${name}: ${sizeText(sizeBytes)}, ${totalKeys} keys at revision ${revision} of etcd ${etcdVersion}`;
  return [what, ...locations.map((copy) => `  ${placeOf(copy)}`)].join("\n");
}
