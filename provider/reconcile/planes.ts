import type { Step } from "../steps/step.ts";
import { paceOf } from "./print.ts";
import type { Phase, Runbook, World } from "./runbook.ts";
import { isNewNode, leavingNodes } from "./world.ts";

/** What a runbook does to each plane, in a few words each: `3 nodes, one at a time`. */
export interface Planes {
  readonly etcd: string;
  readonly controlplane: string;
  readonly worker: string;
  readonly addons: string;
}

/** Sums a runbook up by planes. A control plane node is of that plane with all that it runs but etcd. */
export function planesOf(world: World, runbook: Runbook): Planes {
  const roles = rolesOf(world);
  const isControlPlane = (address: string) => roles.get(address)?.includes("controlplane") ?? false;
  const isOfKubernetes = (step: Step) => !["etcd", "etcd-rolling-snapshots", undefined].includes(containerOf(step));
  const fresh = world.desired.nodes.flatMap((plan) => (isNewNode(world, plan) ? [plan.node.address] : []));
  const leaving = leavingNodes(world).map(({ address }) => address);
  const plane = (belongs: (address: string) => boolean): string =>
    textOf({
      touched: nodesTouched(runbook, (step) => isOfKubernetes(step) && belongs(step.node ?? "")),
      joining: fresh,
      leaving: leaving.filter(belongs),
    });
  const members = textOf({
    touched: nodesTouched(runbook, (step) => containerOf(step) === "etcd"),
    joining: [...fresh, ...nodesTouched(runbook, ({ kind }) => kind === "add-etcd-learner").keys()],
    leaving: [...nodesTouched(runbook, ({ kind }) => kind === "remove-etcd-member").keys()],
  });
  const snapshots = nodesTouched(runbook, (step) => containerOf(step) === "etcd-rolling-snapshots").size;
  const objects = stepsOf(runbook).filter(({ kind }) => kind === "apply-object").length;
  return {
    etcd: members === unchanged && snapshots > 0 ? `snapshots on ${plural(snapshots, "node")}` : members,
    controlplane: plane(isControlPlane),
    worker: plane((address) => !isControlPlane(address)),
    addons: objects === 0 ? unchanged : plural(objects, "object"),
  };
}

const unchanged = "no change";

const stepsOf = (runbook: Runbook): readonly Step[] => runbook.flatMap(({ lanes }) => lanes.flat());

/** The roles of every machine, by its address; those that leave among them. */
const rolesOf = ({ desired, former = [] }: World): ReadonlyMap<string, readonly string[]> =>
  new Map([...former, ...desired.nodes.map(({ node }) => node)].map(({ address, role }) => [address, role]));

/** The container that a step makes, restarts or removes. */
function containerOf({ kind, params }: Step): string | undefined {
  if (kind === "run-container" && "container" in params)
    return (params.container as { spec: { name: string } }).spec.name;
  const isContainers = kind === "restart-container" || kind === "remove-container";
  return isContainers && "name" in params ? String(params.name) : undefined;
}

type Touched = ReadonlyMap<string, Phase>;

/** By address, with the phase that goes the slowest about it. */
function nodesTouched(runbook: Runbook, isMeant: (step: Step) => boolean): Touched {
  const touched = new Map<string, Phase>();
  for (const phase of runbook) {
    for (const { node } of phase.lanes.flat().filter(isMeant)) {
      const before = node === undefined ? undefined : touched.get(node);
      if (node !== undefined && (before === undefined || phase.width < before.width)) touched.set(node, phase);
    }
  }
  return touched;
}

interface Changes {
  readonly touched: Touched;
  readonly joining: readonly string[];
  readonly leaving: readonly string[];
}

/** A node that is replaced where it is both leaves and joins. */
function textOf({ touched, joining, leaving }: Changes): string {
  const joined = [...touched.keys()].filter((address) => joining.includes(address)).length;
  const changed = [...touched].filter(([address]) => !joining.includes(address) && !leaving.includes(address));
  const width = Math.min(...changed.map(([, phase]) => phase.width));
  const pace = changed.length < 2 ? "" : `, ${paceOf(width, changed.length)}`;
  const parts = [
    ...(changed.length === 0 ? [] : [`${plural(changed.length, "node")}${pace}`]),
    ...(joined === 0 ? [] : [`${plural(joined, "node")} ${joined === 1 ? "joins" : "join"}`]),
    ...(leaving.length === 0 ? [] : [`${plural(leaving.length, "node")} ${leaving.length === 1 ? "leaves" : "leave"}`]),
  ];
  return parts.length === 0 ? unchanged : parts.join("; ");
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
