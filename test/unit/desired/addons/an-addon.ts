import type { Manifest } from "../../../../provider/desired/addons/manifest.ts";
import { type AddonPlan, planAddons } from "../../../../provider/desired/addons/plan-addons.ts";
import type { Json } from "../../../support/vectors.ts";
import { aCluster } from "../world.ts";

/** The plan of one addon of a small cluster. */
export function anAddon(name: string, changes: object = {}): AddonPlan {
  const { config, release } = aCluster(changes);
  const plan = planAddons(config, release).deployed.find((addon) => addon.name === name);
  if (plan === undefined) throw new Error(`There is no addon ${name}`);
  return plan;
}

/** An object of an addon, by its kind and name. */
export function objectOf({ objects }: AddonPlan, kind: string, name: string): Json {
  const found = objects.find((object: Manifest) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return found;
}

/** The pod of a workload. */
export const podOf = (addon: AddonPlan, kind: string, name: string): Json =>
  objectOf(addon, kind, name).spec.template.spec;
