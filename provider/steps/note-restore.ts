import { type RestorePlace, runRestore } from "./restore-script.ts";
import { defineStep } from "./step.ts";

export interface NoteRestoreParams extends RestorePlace {
  readonly stage: "done" | "finished";
  /** When it was done, for one that is finished, and the digest of its database. */
  readonly done?: { readonly at: string; readonly sha256: string };
}

/** Notes on a machine that the new data are the cluster's: from then on nobody puts the old ones back, or restores again. */
export const noteRestore = defineStep<NoteRestoreParams>("note-restore", {
  title: ({ stage, name }) =>
    stage === "done" ? `note that ${name} is restored` : `note that all know the data of ${name}`,

  async run({ stage, done, ...place }, context) {
    const said = await runRestore(stage, place, {
      context,
      doing: "note what was restored",
      at: done?.at,
      ...(done !== undefined && { env: [`SHA256=${done.sha256}`] }),
    });
    return said.includes("changed") ? "changed" : "unchanged";
  },
});
