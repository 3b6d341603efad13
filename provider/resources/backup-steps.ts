import type { Context } from "../execute/context.ts";
import type { Outcome } from "../progress.ts";
import type { BackupLocation } from "../state/backup-state.ts";
import type { Step } from "../steps/step.ts";
import { placeOf } from "./backup-locations.ts";
import type { Shelf } from "./backup-shelf.ts";

/** A step of a backup: told while it runs, and planned by nobody. */
export function deed(title: string, run: (context: Context) => Promise<Outcome>, node?: string): Step {
  return { kind: "backup", title, params: {}, run, ...(node !== undefined && { node }) };
}

/** An archive on the machine that runs Pulumi. */
export interface LocalArchive {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Puts an archive into one of its places, and tells when it is there. */
export function storeOn(shelf: Shelf, archive: () => LocalArchive, onStored: (location: BackupLocation) => void): Step {
  const { location } = shelf;
  const title = `store it as ${location.kind === "node" ? location.path : placeOf(location)}`;
  const run = async (): Promise<Outcome> => {
    const { file, sizeBytes, sha256 } = archive();
    await shelf.store(file, { sizeBytes, sha256 });
    onStored({ ...location, sizeBytes });
    return "changed";
  };
  return deed(title, run, location.kind === "node" ? location.address : undefined);
}
