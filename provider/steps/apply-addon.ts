import type { Manifest } from "../desired/addons/manifest.ts";
import type { PlacedRef, PlaceOf } from "../desired/addons/object-places.ts";
import { refKey, refOf, refsWithout, refText } from "../desired/addons/object-ref.ts";
import { ownedDigest } from "../desired/addons/owned-digest.ts";
import type { RecordedObject } from "../desired/addons/record.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { until } from "../execute/wait.ts";
import { readRecord, writeRecord } from "./addon-record.ts";
import { applied } from "./apply-manifest.ts";
import { atMost } from "./at-most.ts";
import { objectPaths } from "./object-paths.ts";
import { defineStep } from "./step.ts";

export interface ApplyAddonParams {
  readonly addon: string;
  readonly digest: string;
  readonly objects: readonly Manifest[];
  /** What there is to say about why: `deploy` where there was none, else `change` or `repair`. */
  readonly verb: "deploy" | "change" | "repair";
  /** Whether somebody waits for its pods afterwards, and notes it when they run. */
  readonly isWaitedFor: boolean;
}

/**
 * Makes the objects of an addon what they should be. What will be applied is noted in the cluster before, so that a run
 * which is killed leaves nothing behind that nobody knows of.
 */
export const applyAddon = defineStep<ApplyAddonParams>("apply-addon", {
  title: ({ addon, objects, verb }) =>
    `${verb} ${addon} (${objects.length === 1 ? "1 object" : `${objects.length} objects`})`,

  async run({ addon, digest, objects, isWaitedFor }, context) {
    const before = (await readRecord(addon, context))?.objects ?? [];
    const wanted = objects.map(refOf);
    const leaving = refsWithout(before, wanted);
    await writeRecord(
      { name: addon, digest: "", isRolledOut: false, objects: [...leaving, ...withFormerDigests(wanted, before)] },
      context,
    );

    const pathOf = objectPaths(context);
    const done: RecordedObject[] = [];
    for (const wave of wavesOf(objects)) {
      done.push(...(await atMost(WIDTH, wave, (object) => apply(object, { pathOf, context }))));
    }
    const order = new Map(wanted.map((ref, index) => [refKey(ref), index]));
    const recorded = done.toSorted((a, b) => (order.get(refKey(a)) ?? 0) - (order.get(refKey(b)) ?? 0));
    await writeRecord({ name: addon, digest, isRolledOut: !isWaitedFor, objects: [...leaving, ...recorded] }, context);
    return "changed";
  },
});

/** Objects that are applied at the same time. One server answers them all. */
const WIDTH = 8;

/** Digests of before stand until there are new ones: they still say what was ours. */
function withFormerDigests(wanted: readonly RecordedObject[], before: readonly RecordedObject[]) {
  const digests = new Map(before.map((object) => [refKey(object), object.digest]));
  return wanted.map((ref) => ({ ...ref, digest: digests.get(refKey(ref)) }));
}

/** What others need comes first, and what asks for others comes last. */
const waves: readonly (readonly string[])[] = [
  ["Namespace"],
  ["CustomResourceDefinition"],
  [
    "PriorityClass",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Secret",
    "ConfigMap",
  ],
];
const lastWave = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"];

function wavesOf(objects: readonly Manifest[]): readonly (readonly Manifest[])[] {
  const named = [...waves.flat(), ...lastWave];
  const of = (kinds: readonly string[]) => objects.filter(({ kind }) => kinds.includes(kind));
  const rest = objects.filter(({ kind }) => !named.includes(kind));
  return [...waves.map(of), rest, of(lastWave)];
}

interface Way {
  readonly pathOf: PlaceOf;
  readonly context: Context;
}

async function apply(object: Manifest, { pathOf, context }: Way): Promise<RecordedObject> {
  const { ref, path } = await placeOf(object, { pathOf, context });
  const { namespace: _, ...metadata } = object.metadata;
  const placed = {
    ...object,
    metadata: { ...metadata, ...(ref.namespace !== undefined && { namespace: ref.namespace }) },
  };
  const there = await applied(placed, { path, context });
  return { ...ref, digest: ownedDigest(there) };
}

/** A kind that was defined a moment ago takes the server a moment to serve. */
async function placeOf(object: Manifest, { pathOf, context }: Way): Promise<PlacedRef> {
  const ref = refOf(object);
  const found = await pathOf(ref);
  if (found !== undefined) return found;
  const name = `the API server to know ${ref.kind} of ${ref.apiVersion}`;
  const hint = `Is ${ref.kind} spelt right? A resource of its own must be defined first, in the same addon or before`;
  const probe = async () => {
    const place = await pathOf(ref);
    return place === undefined
      ? ({ done: false, lastAnswer: `there is no ${ref.kind} in ${ref.apiVersion}` } as const)
      : ({ done: true, value: place } as const);
  };
  try {
    return await until(name, probe, { intervalMs: 1000, limitMs: DEFINITION_LIMIT_MS, context, hint });
  } catch (error) {
    if (!(error instanceof RkeError) || error.code !== "timeout") throw error;
    throw new RkeError("kube", { ...error.detail, doing: `apply ${refText(ref)}` }, { cause: error });
  }
}

const DEFINITION_LIMIT_MS = 20_000;
