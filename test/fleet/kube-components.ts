import type { EtcdCluster } from "./etcd-cluster.ts";
import type { KubeApi } from "./kube-api.ts";
import type { Process } from "./programs.ts";
import type { World } from "./world.ts";

/** A component that lives by talking to the API server. */
export interface Component {
  readonly name: "kubelet" | "kube-controller-manager" | "kube-scheduler";
  /** The Node that a kubelet is for; the name of the machine for the others. */
  readonly identity: string;
  readonly process: Process;
  /** The API server it is in touch with now. */
  readonly api: () => KubeApi | undefined;
  /** When somebody last saw it in touch; a Node stays Ready for a while after that. */
  lastSeenAt: number;
}

type Name = Component["name"];

const components = new WeakMap<World, Map<Name, Map<string, Component>>>();

/** The latest component of each identity; those that have ended stay, since their last sign of life counts. */
export function componentsOf(world: World, name: Name): Map<string, Component> {
  const all = components.get(world) ?? new Map<Name, Map<string, Component>>();
  components.set(world, all);
  const known = all.get(name) ?? new Map<string, Component>();
  all.set(name, known);
  return known;
}

export function announce(component: Component): void {
  componentsOf(component.process.machine.world, component.name).set(component.identity, component);
  component.process.onEnd(() => {
    component.lastSeenAt = performance.now();
  });
}

/** Whether a component runs and is in touch with the cluster whose data lies in this etcd. */
export function serves(component: Component | undefined, cluster: EtcdCluster): boolean {
  if (component === undefined || component.process.hasEnded || !component.process.machine.isOn) return false;
  if (component.api()?.clusterIfReachable() !== cluster) return false;
  component.lastSeenAt = performance.now();
  return true;
}

/** The one that holds the lease: the first of its name that is in touch. */
export function leaderOf(world: World, name: Name, cluster: EtcdCluster): Component | undefined {
  for (const component of componentsOf(world, name).values()) if (serves(component, cluster)) return component;
  return undefined;
}
