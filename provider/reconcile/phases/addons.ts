import type { Manifest } from "../../desired/addons/manifest.ts";
import { type ObjectRef, refOf, refOfLine, refsWithout } from "../../desired/addons/object-ref.ts";
import type { AddonPlan } from "../../desired/addons/plan-addons.ts";
import type { AddonFact } from "../../observed/facts.ts";
import { applyAddon } from "../../steps/apply-addon.ts";
import { pruneAddon } from "../../steps/prune-addon.ts";
import { waitForRollout } from "../../steps/wait-for-rollout.ts";
import { isApiAtHand } from "../api-at-hand.ts";
import { type Lane, type Phase, sideBySide, type World } from "../runbook.ts";
import { hasRole, reachedPlans } from "../world.ts";

/**
 * Gives a cluster that has none its network. As soon as there is an API, because no node is Ready without; whether its pods
 * run is seen at the end, when all nodes are there.
 */
export function deployNetwork(world: World): Phase | undefined {
  return phaseOf("Deploy the network", world, (addon) => (isFirstNetwork(world, addon) ? applied(world, addon) : []));
}

/** Brings the addons that the cluster needs to what they should be, and waits until they run. */
export function deployAddons(world: World): Phase | undefined {
  return phaseOf("Deploy addons", world, (addon) => {
    if (addon.role === "user") return [];
    return [...(isFirstNetwork(world, addon) ? [] : applied(world, addon)), ...waited(world, addon)];
  });
}

/** Applies what people bring along. Whether their pods run is their affair: an object may wait for something of theirs. */
export function deployUserAddons(world: World): Phase | undefined {
  return phaseOf("Deploy addons of your own", world, (addon) => (addon.role === "user" ? applied(world, addon) : []));
}

/** Takes away addons that are not wanted any more, but for what one that is wanted has as well. */
export function removeAddons(world: World): Phase | undefined {
  const { deployed, untouched } = world.desired.addons;
  const known = new Set([...deployed, ...untouched].map(({ name }) => name));
  const leaving = (world.facts.kube?.addons ?? []).filter(({ name }) => !known.has(name));
  return sideBySide(
    "Remove addons",
    leaving.map(({ name, objects }) => [
      pruneAddon({
        addon: name,
        refs: refsWithout(objects.map(refOfLine), wantedByOthers(world, name)),
        isRemoved: true,
      }),
    ]),
  );
}

function phaseOf(title: string, world: World, laneOf: (addon: AddonPlan) => Lane): Phase | undefined {
  // What nobody can see is not missing: there are API servers, and they cannot answer.
  if (world.facts.kube === undefined && !isApiAtHand(world)) return undefined;
  return sideBySide(title, world.desired.addons.deployed.map(laneOf));
}

const factOf = ({ facts }: World, name: string): AddonFact | undefined =>
  facts.kube?.addons?.find((addon) => addon.name === name);

const isFirstNetwork = (world: World, { name, role }: AddonPlan): boolean =>
  role === "network" && factOf(world, name) === undefined;

/** Whether an addon is not as it should be. */
function isDue(world: World, { name, digest }: AddonPlan): boolean {
  const fact = factOf(world, name);
  return fact?.digest !== digest || fact.changed.length > 0;
}

function applied(world: World, addon: AddonPlan): Lane {
  const { name, role, digest, objects } = addon;
  const fact = factOf(world, name);
  const leaving = leavingRefs(world, addon);
  const prune = leaving.length === 0 ? [] : [pruneAddon({ addon: name, refs: leaving, isRemoved: false })];
  if (!isDue(world, addon)) return prune;
  const verb = fact === undefined ? "deploy" : fact.digest === digest ? "repair" : "change";
  return [applyAddon({ addon: name, digest, objects, verb, isWaitedFor: role !== "user" }), ...prune];
}

function waited(world: World, addon: AddonPlan): Lane {
  const hasRun = factOf(world, addon.name)?.isRolledOut ?? false;
  if (hasRun && !isDue(world, addon)) return [];
  const hasWorkers = reachedPlans(world).some((plan) => hasRole(plan, "worker"));
  const workloads = awaitedObjects(addon, { hasWorkers }).map(refOf);
  return [waitForRollout({ addon: addon.name, digest: addon.digest, workloads })];
}

/** Pods that go to workers only are not waited for where there is none, nor what they would answer. */
function awaitedObjects({ objects }: AddonPlan, { hasWorkers }: { hasWorkers: boolean }): readonly Manifest[] {
  const isAwaited = (object: Manifest) =>
    awaitedKinds.has(object.kind) &&
    (object.kind !== "Deployment" || hasWorkers || !JSON.stringify(object).includes(workerLabel));
  const isComplete = objects.filter(({ kind }) => kind === "Deployment").every(isAwaited);
  return objects.filter((object) => isAwaited(object) && (object.kind !== "APIService" || isComplete));
}

const awaitedKinds = new Set(["DaemonSet", "Job", "Deployment", "APIService"]);

const workerLabel = "node-role.kubernetes.io/worker";

/** What the addon had and should not have, unless another addon has taken it over. */
function leavingRefs(world: World, { name, objects }: AddonPlan): readonly ObjectRef[] {
  const had = (factOf(world, name)?.objects ?? []).map(refOfLine);
  return refsWithout(refsWithout(had, objects.map(refOf)), wantedByOthers(world, name));
}

const wantedByOthers = ({ desired }: World, name: string): readonly ObjectRef[] =>
  desired.addons.deployed.filter((addon) => addon.name !== name).flatMap(({ objects }) => objects.map(refOf));
