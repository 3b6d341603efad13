import type { ClusterPlan } from "./cluster-plan.ts";
import { differingParts } from "./container-spec.ts";
import type { NodeContainer, NodePlan } from "./node-plan.ts";

/** What one container of one machine would go through when a plan takes the place of another. */
export interface ContainerChange {
  readonly node: string;
  readonly container: string;
  readonly change: "added" | "removed" | "replaced";
  /** For a replaced container, the parts of its spec that differ: `image`, `cmd`, `env` and so on. */
  readonly parts: readonly string[];
}

/** Compares two plans container by container. Machines are known by their address. */
export function containerChanges(before: ClusterPlan, after: ClusterPlan): readonly ContainerChange[] {
  const old = new Map(before.nodes.map((plan) => [plan.node.address, plan]));
  const wanted = new Map(after.nodes.map((plan) => [plan.node.address, plan]));
  return [
    ...[...wanted].flatMap(([address, plan]) => changesOf(plan, old.get(address))),
    ...[...old].flatMap(([address, plan]) =>
      wanted.has(address) ? [] : plan.containers.map((container) => changed(plan, container, "removed")),
    ),
  ];
}

function changesOf(plan: NodePlan, before: NodePlan | undefined): readonly ContainerChange[] {
  const old = new Map(before?.containers.map((container) => [container.spec.name, container]));
  const names = new Set(plan.containers.map(({ spec }) => spec.name));
  return [
    ...plan.containers.flatMap((container) => {
      const former = old.get(container.spec.name);
      if (former === undefined) return [changed(plan, container, "added")];
      return former.hash === container.hash ? [] : [changed(plan, container, "replaced", former)];
    }),
    ...[...old.values()]
      .filter(({ spec }) => !names.has(spec.name))
      .map((container) => changed(plan, container, "removed")),
  ];
}

function changed(
  { node }: NodePlan,
  container: NodeContainer,
  change: ContainerChange["change"],
  former?: NodeContainer,
): ContainerChange {
  return {
    node: node.hostnameOverride,
    container: container.spec.name,
    change,
    parts: former === undefined ? [] : differingParts(former.spec, container.spec),
  };
}
