import type { PlacedRef } from "../desired/addons/object-places.ts";
import { type ObjectRef, refKey, refText } from "../desired/addons/object-ref.ts";
import { isOurs } from "../desired/addons/owned-digest.ts";
import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import { deleteRecord, readRecord, writeRecord } from "./addon-record.ts";
import { apiPatienceMs } from "./kube-node.ts";
import { objectPaths } from "./object-paths.ts";
import { defineStep } from "./step.ts";

export interface PruneAddonParams {
  readonly addon: string;
  /** Objects that the addon had and should not have. */
  readonly refs: readonly ObjectRef[];
  /** Whether nothing is left of the addon, its record included. */
  readonly isRemoved: boolean;
}

/**
 * Deletes what an addon no longer has. Only what we have applied ourselves; and no namespaces and no definitions of
 * resources, because what others keep in them would go too.
 */
export const pruneAddon = defineStep<PruneAddonParams>("prune-addon", {
  title: ({ addon, refs, isRemoved }) =>
    isRemoved ? `remove ${addon} (${counted(refs)})` : `delete what ${addon} no longer has: ${listed(refs)}`,

  async run({ addon, refs, isRemoved }, context) {
    const pathOf = objectPaths(context);
    let deleted = 0;
    for (const ref of inOrderOfRemoval(refs)) {
      const place = isKept(ref) ? undefined : await pathOf(ref);
      if (place !== undefined && (await deleteOurs(place, context))) deleted++;
    }
    const kept = refs.filter(isKept);
    if (kept.length > 0) context.emit({ kind: "notice", text: `${addon}: ${listed(kept)} ${stays(kept)}` });
    return (await forget({ addon, refs, isRemoved }, context)) || deleted > 0 ? "changed" : "unchanged";
  },
});

const stays = ({ length }: readonly ObjectRef[]): string =>
  `${length === 1 ? "stays" : "stay"}, since others may keep something there; delete by hand what is not needed`;

/** Whole namespaces and kinds of objects are not taken away from under their users. */
const isKept = ({ kind }: ObjectRef): boolean => kind === "Namespace" || kind === "CustomResourceDefinition";

/** First what would be asked in vain once its pods are gone, then the pods, then what they used. */
function inOrderOfRemoval(refs: readonly ObjectRef[]): readonly ObjectRef[] {
  const rank = ({ kind }: ObjectRef) =>
    /WebhookConfiguration$|^APIService$/.test(kind)
      ? 0
      : /^(DaemonSet|Deployment|StatefulSet|Job|CronJob)$/.test(kind)
        ? 1
        : 2;
  return refs.toSorted((a, b) => rank(a) - rank(b));
}

async function deleteOurs({ path, ref }: PlacedRef, context: Context): Promise<boolean> {
  const doing = `delete ${refText(ref)}`;
  const attempt = async () => {
    const signal = withDeadline(context.signal, apiPatienceMs, doing);
    const kube = await context.kube();
    const there = await kube.request("GET", path, { doing: `look for ${refText(ref)}`, signal });
    if (there === undefined) return false;
    if (!isOurs(there)) {
      context.emit({ kind: "notice", text: `${refText(ref)} stays: it is not one that we have applied` });
      return false;
    }
    await kube.delete(path, { signal });
    return true;
  };
  return retry(doing, attempt, { context, attempts: 6 });
}

async function forget({ addon, refs, isRemoved }: PruneAddonParams, context: Context): Promise<boolean> {
  const record = await readRecord(addon, context);
  if (record === undefined) return false;
  if (isRemoved) {
    await deleteRecord(addon, context);
    return true;
  }
  const gone = new Set(refs.map(refKey));
  const objects = record.objects.filter((object) => !gone.has(refKey(object)));
  if (objects.length === record.objects.length) return false;
  await writeRecord({ ...record, objects }, context);
  return true;
}

const counted = ({ length }: readonly ObjectRef[]): string => (length === 1 ? "1 object" : `${length} objects`);

const listed = (refs: readonly ObjectRef[]): string => {
  const named = refs.slice(0, 3).map(refText);
  return refs.length > named.length ? `${named.join(", ")} and ${refs.length - named.length} more` : named.join(", ");
};
