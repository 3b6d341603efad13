import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { snapshotFolder } from "../snapshots/manifest.ts";
import { type SavedSnapshot, saveSnapshot } from "./save-snapshot.ts";
import { defineStep } from "./step.ts";

export interface SaveEtcdParams {
  readonly node: string;
  readonly internalAddress: string;
  readonly prefixPath: string;
  readonly image: string;
}

/**
 * Takes a snapshot that nobody has asked for, to go back to if what follows goes wrong. A run that is repeated takes another
 * one: what was written since the last is in none before. Two of them stay, and the first of a day, which was there before
 * everything that was tried in that time.
 */
export const saveEtcd = defineStep<SaveEtcdParams>("save-etcd", {
  title: () => `save etcd into ${snapshotFolder}`,

  async run(params, context) {
    const { node } = params;
    const file = nameAt(context.clock());
    const { revision, totalKeys, sizeBytes } = await saved(params, file, context);
    const what = `${totalKeys} keys at revision ${revision}, ${sizeBytes} bytes`;
    context.emit({ kind: "notice", text: `${context.nameOf(node)}: etcd is saved as ${file} (${what})` });
    return "changed";
  },
});

/** What the names of these files begin with. */
export const safetyPrefix = "pulumi-rke-before-change-";

/** Names that sort by time, and that every file system takes. */
const nameAt = (time: Date): string =>
  safetyPrefix +
  time
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");

const dayMs = 86_400_000;

/** How to go on without; reads after a way to mend what stood in the way. */
export const withoutSafety = "go on without a snapshot: safetySnapshot: false on the RkeCluster";

async function saved(params: SaveEtcdParams, file: string, context: Context): Promise<SavedSnapshot> {
  try {
    const firstSince = nameAt(new Date(context.clock().getTime() - dayMs));
    return await saveSnapshot({ ...params, file, keep: { prefix: safetyPrefix, newest: 2, firstSince } }, context);
  } catch (error) {
    if (!(error instanceof RkeError) || context.signal.aborted) throw error;
    const { hint = "Mend that and run it again", ...detail } = error.detail;
    throw new RkeError(
      error.code,
      {
        ...detail,
        doing: "save etcd before changing it",
        hint: `Nothing of etcd was changed. ${hint}; or ${withoutSafety}`,
      },
      { cause: error },
    );
  }
}
