import { componentsOf, leaderOf, serves } from "./kube-components.ts";
import { type Kind, kindOf } from "./kube-kinds.ts";
import { isReadyNode, nodeCondition } from "./kube-nodes.ts";
import { isMap, type JsonObject, type KubeObject } from "./kube-object.ts";
import { accepts } from "./kube-scheduling.ts";
import type { KubeStore } from "./kube-store.ts";
import type { World } from "./world.ts";

/**
 * An object as a reader sees it now. What controllers and kubelets would write all the time (heartbeats, readiness,
 * progress) is computed when somebody looks, so a fleet that nobody looks at does nothing.
 */
export function liveObject(world: World, store: KubeStore, kind: Kind, object: KubeObject): KubeObject {
  const show = views[`${kind.group}/${kind.plural}`];
  return show === undefined ? object : show({ world, store, kind, object });
}

interface Sight {
  readonly world: World;
  readonly store: KubeStore;
  readonly kind: Kind;
  readonly object: KubeObject;
}

const withStatus = (object: KubeObject, status: JsonObject): KubeObject => ({
  ...object,
  status: { ...object.status, ...status },
});

const views: Readonly<Record<string, (sight: Sight) => KubeObject>> = {
  "/nodes": node,
  "/pods": (sight) => withStatus(sight.object, podStatus(sight)),
  "/namespaces": ({ object }) => withStatus(object, { phase: "Active" }),
  "coordination.k8s.io/leases": lease,
  "apps/daemonsets": daemonSet,
  "apps/deployments": replicated,
  "apps/statefulsets": replicated,
  "batch/jobs": job,
  "policy/poddisruptionbudgets": (sight) => withStatus(sight.object, budgetOf(sight.store, sight.world, sight.object)),
  "apiregistration.k8s.io/apiservices": apiService,
  "apiextensions.k8s.io/customresourcedefinitions": ({ object }) =>
    withStatus(object, {
      conditions: [
        { type: "NamesAccepted", status: "True" },
        { type: "Established", status: "True" },
      ],
    }),
};

const isLed = ({ world, store }: Sight): boolean =>
  leaderOf(world, "kube-controller-manager", store.cluster) !== undefined;

const isRolledOut = (sight: Sight): boolean => {
  const { world, store, kind, object } = sight;
  return isLed(sight) && store.now() - store.changedAt(kind, object) >= world.pace.rolloutMs;
};

const readiness = {
  ready: { status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" },
  "no network": {
    status: "False",
    reason: "KubeletNotReady",
    message: "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady",
  },
  unknown: { status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." },
} as const;

function node({ world, store, object }: Sight): KubeObject {
  const condition = nodeCondition(world, store, object);
  const at = new Date(store.now()).toISOString();
  const conditions = [{ type: "Ready", ...readiness[condition], lastHeartbeatTime: at, lastTransitionTime: at }];
  const lifecycleTaints = {
    ready: [],
    "no network": [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }],
    unknown: [{ key: "node.kubernetes.io/unreachable", effect: "NoSchedule" }],
  }[condition];
  const own = (object.spec?.taints ?? []) as readonly JsonObject[];
  const taints = [
    ...own.filter(({ key }) => !/^node\.kubernetes\.io\/(not-ready|unreachable|unschedulable)$/.test(String(key))),
    ...(object.spec?.unschedulable === true ? [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] : []),
    ...lifecycleTaints,
  ];
  const { taints: _, ...spec } = object.spec ?? {};
  return { ...withStatus(object, { conditions }), spec: { ...spec, ...(taints.length > 0 && { taints }) } };
}

function podStatus({ world, store, kind, object }: Sight): JsonObject {
  const name = object.spec?.nodeName;
  const home = typeof name === "string" ? store.get(kindOf("nodes"), undefined, name) : undefined;
  const isReady =
    home !== undefined &&
    isReadyNode(world, store, home) &&
    store.now() - store.changedAt(kind, object) >= world.pace.rolloutMs;
  return {
    phase: home === undefined ? "Pending" : "Running",
    conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
  };
}

function isReadyPod(world: World, store: KubeStore, pod: KubeObject): boolean {
  const { conditions } = podStatus({ world, store, kind: kindOf("pods"), object: pod });
  return pod.metadata.deletionTimestamp === undefined && JSON.stringify(conditions).includes('"True"');
}

/** Heartbeats and leadership: the holder renews as long as it is in touch; another takes over when it is not. */
function lease({ world, store, object }: Sight): KubeObject {
  const { namespace, name } = object.metadata;
  const renewed = (holderIdentity: string): KubeObject => ({
    ...object,
    spec: { ...object.spec, holderIdentity, renewTime: new Date(store.now()).toISOString() },
  });
  if (namespace === "kube-node-lease") {
    return serves(componentsOf(world, "kubelet").get(name), store.cluster) ? renewed(name) : object;
  }
  if (name !== "kube-controller-manager" && name !== "kube-scheduler") return object;
  const leader = leaderOf(world, name, store.cluster);
  return leader === undefined ? object : renewed(`${leader.identity}_${leader.process.container.id.slice(0, 8)}`);
}

function daemonSet(sight: Sight): KubeObject {
  const { world, store, object } = sight;
  if (!isLed(sight)) return object;
  const nodes = store.list(kindOf("nodes")).filter((one) => accepts(one, object, true));
  const ready = isRolledOut(sight) ? nodes.filter((one) => isReadyNode(world, store, one)).length : 0;
  return withStatus(object, {
    observedGeneration: object.metadata.generation ?? 1,
    desiredNumberScheduled: nodes.length,
    currentNumberScheduled: nodes.length,
    updatedNumberScheduled: nodes.length,
    numberReady: ready,
    numberAvailable: ready,
    numberUnavailable: nodes.length - ready,
  });
}

function replicated(sight: Sight): KubeObject {
  const { world, store, object } = sight;
  if (!isLed(sight)) return object;
  const pods = store
    .list(kindOf("pods"), object.metadata.namespace)
    .filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === object.metadata.name);
  const ready = isRolledOut(sight) ? pods.filter((pod) => isReadyPod(world, store, pod)).length : 0;
  const isAvailable = ready >= Number(object.spec?.replicas ?? 1);
  return withStatus(object, {
    observedGeneration: object.metadata.generation ?? 1,
    replicas: pods.length,
    updatedReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: pods.length - ready,
    conditions: [{ type: "Available", status: isAvailable ? "True" : "False" }],
  });
}

function job(sight: Sight): KubeObject {
  if (!isLed(sight)) return sight.object;
  if (!isRolledOut(sight)) return withStatus(sight.object, { active: 1 });
  return withStatus(sight.object, { succeeded: 1, conditions: [{ type: "Complete", status: "True" }] });
}

/** API servers ask what stands behind it; nobody here answers but by being ready. */
function apiService({ world, store, object }: Sight): KubeObject {
  const tell = (status: "True" | "False", reason: string, message: string): KubeObject =>
    withStatus(object, { conditions: [{ type: "Available", status, reason, message }] });
  const { service } = object.spec ?? {};
  if (!isMap(service)) return tell("True", "Local", "Local APIServices are always available");
  const { namespace, name } = service as { namespace: string; name: string };
  const behind = store.get(kindOf("services"), namespace, name);
  if (behind === undefined) return tell("False", "ServiceNotFound", `service/${name} in "${namespace}" is not present`);
  const { selector } = behind.spec ?? {};
  const pods = isMap(selector) ? selectedPods(store, namespace, selector) : [];
  return pods.some((pod) => isReadyPod(world, store, pod))
    ? tell("True", "Passed", "all checks passed")
    : tell("False", "MissingEndpoints", `endpoints for service/${name} in "${namespace}" have no addresses`);
}

/** All of a namespace where no label is asked for. */
function selectedPods(store: KubeStore, namespace: string | undefined, labels: unknown): readonly KubeObject[] {
  const wanted = Object.entries(isMap(labels) ? labels : {});
  return store
    .list(kindOf("pods"), namespace)
    .filter((pod) => wanted.every(([key, value]) => pod.metadata.labels?.[key] === value));
}

/** How many pods of a budget are up and how many of them may go now. */
export function budgetOf(
  store: KubeStore,
  world: World,
  { metadata, spec = {} }: KubeObject,
): { disruptionsAllowed: number } & JsonObject {
  const { selector, minAvailable, maxUnavailable } = spec;
  const pods = selectedPods(store, metadata.namespace, isMap(selector) ? selector.matchLabels : undefined);
  const amount = (value: unknown): number =>
    typeof value === "string" && value.endsWith("%")
      ? Math.ceil((Number.parseInt(value, 10) / 100) * pods.length)
      : Number(value);
  const desired = minAvailable !== undefined ? amount(minAvailable) : pods.length - amount(maxUnavailable ?? 1);
  const healthy = pods.filter((pod) => isReadyPod(world, store, pod)).length;
  return {
    expectedPods: pods.length,
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: Math.max(0, healthy - desired),
  };
}
