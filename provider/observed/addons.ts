import { objectPlaces, type PlaceOf } from "../desired/addons/object-places.ts";
import { refLine } from "../desired/addons/object-ref.ts";
import { ownedDigest } from "../desired/addons/owned-digest.ts";
import {
  type AddonRecord,
  type RecordedObject,
  recordIn,
  recordsPath,
  recordsSelector,
} from "../desired/addons/record.ts";
import type { Kube, KubeCallOptions } from "../hosts/kube.ts";
import type { List } from "../hosts/kube-objects.ts";
import type { AddonFact } from "./facts.ts";

/** Reads what the cluster remembers of its addons, and finds the objects that are not as we have left them. */
export async function lookAtAddons(kube: Kube, options: KubeCallOptions): Promise<readonly AddonFact[]> {
  const doing = "list what was deployed of addons";
  const query = { labelSelector: recordsSelector };
  const list = await kube.request<List<unknown>>("GET", recordsPath, { doing, query, ...options });
  const records = (list?.items ?? []).flatMap((item) => recordIn(item) ?? []);
  const placeOf = objectPlaces((apiVersion) => kube.resources(apiVersion, options));
  const facts = await Promise.all(records.map((record) => factOf(record, { kube, placeOf, options })));
  return facts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

interface Look {
  readonly kube: Kube;
  readonly placeOf: PlaceOf;
  readonly options: KubeCallOptions;
}

async function factOf({ name, digest, isRolledOut, objects }: AddonRecord, look: Look): Promise<AddonFact> {
  const isChanged = await Promise.all(objects.map((object) => isNotAsLeft(object, look)));
  return {
    name,
    digest,
    isRolledOut,
    objects: objects.map(refLine),
    changed: objects.filter((_, index) => isChanged[index]).map(refLine),
  };
}

/** What has not been applied yet is as nobody has left it; the record says so by having no digest of the whole. */
async function isNotAsLeft({ digest, ...ref }: RecordedObject, { kube, placeOf, options }: Look): Promise<boolean> {
  if (digest === undefined) return false;
  const place = await placeOf(ref);
  if (place === undefined) return true;
  const doing = `look at ${refLine(ref)}`;
  return ownedDigest(await kube.request("GET", place.path, { doing, ...options })) !== digest;
}
