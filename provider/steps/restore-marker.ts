import { z } from "zod";

/**
 * Where a machine notes how far the restore of its etcd data has come. Readable by all: it holds names and digests only. The
 * data themselves lie in etcd's own directory, which nobody but etcd may read.
 */
export const restoreMarkerPath = "/etc/kubernetes/.pulumi-rke-restore.json";

export const restoreMarker = z.strictObject({
  /**
   * `staging`: data are on their way. `staged`: the new data lie beside the old ones. `switching`: they are being exchanged. `switched`: the new data are in
   * place. `done`: the new cluster has agreed, so there is no way back. `finished`: and everybody knows of it.
   * `returning`: the old data are being put back.
   */
  stage: z.enum(["staging", "staged", "switching", "switched", "done", "finished", "returning"]),
  /** Of the folder with the data: the same for the same snapshot and the same members only. */
  id: z.string(),
  /** Of the snapshot. */
  name: z.string(),
  /** Of the database in it. */
  sha256: z.string(),
  /** When the stage was reached, by the clock of who wrote it; for `finished`, when the restore was done. */
  at: z.string(),
});

export type RestoreMarker = z.output<typeof restoreMarker>;

/** Reads a marker. It is exchanged as a whole, so one that cannot be read is nobody's of ours. */
export function parseRestoreMarker(text: string | undefined): RestoreMarker | undefined {
  try {
    return restoreMarker.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}
