import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import type { CheckedSnapshot } from "../snapshots/checked-snapshot.ts";
import { defineStep } from "./step.ts";

export interface FetchSnapshotParams {
  readonly name: string;
  /** Of the database that a part of the machines has already, from a run that did not come to its end. */
  readonly sha256?: string | undefined;
}

/** Fetches the snapshot that is to be restored and reads all of it, before anything is touched because of it. */
export const fetchSnapshot = defineStep<FetchSnapshotParams>("fetch-snapshot", {
  title: ({ name }) => `fetch the snapshot ${name} and check it`,

  async run({ name, sha256 }, context) {
    const snapshot = await snapshotOf(context);
    if (sha256 === undefined || snapshot.sha256 === sha256) return "changed";
    throw new RkeError("unsafe", {
      doing: `go on with the restore of "${name}"`,
      because: `it was begun with a database of the digest ${sha256}, and the one of that name has ${snapshot.sha256} now`,
      hint: "Take restore out of the program and apply that, which puts the old data back; then begin anew",
    });
  },
});

/** The snapshot of a run, fetched when it is first asked for. */
export async function snapshotOf({ snapshot }: Context): Promise<CheckedSnapshot> {
  if (snapshot !== undefined) return snapshot();
  throw new RkeError("internal", { doing: "restore a snapshot", because: "nobody has said where it is" });
}
