import type { z } from "zod";

import type { toleration, updateStrategy } from "../../config/schema/values.ts";
import { type Labels, type Manifest, manifest, type Placed } from "./manifest.ts";

type UpdateStrategy = z.output<typeof updateStrategy>;
export type Toleration = z.output<typeof toleration>;

/** A pod as a workload makes it. The words are those of Kubernetes; what is absent is left to it. */
export interface PodSpec {
  readonly containers: readonly object[];
  readonly initContainers?: readonly object[] | undefined;
  readonly volumes?: readonly object[] | undefined;
  readonly serviceAccountName?: string | undefined;
  readonly priorityClassName?: string | undefined;
  readonly nodeSelector?: Labels | undefined;
  readonly tolerations?: readonly Toleration[] | undefined;
  readonly [key: string]: unknown;
}

interface Workload {
  /** By which it knows its pods. It cannot be changed once the object is there. */
  readonly selector: Labels;
  readonly strategy?: UpdateStrategy | undefined;
  readonly replicas?: number | undefined;
  /** Labels of the pods beside those of the selector, and annotations. */
  readonly podLabels?: Labels | undefined;
  readonly podAnnotations?: Labels | undefined;
  /** A name in the template, which nothing reads; RKE sets it here and there. */
  readonly podName?: Pick<Placed, "name" | "namespace"> | undefined;
  readonly pod: PodSpec;
  readonly spec?: object;
}

export const daemonSet = (placed: Placed, { strategy, ...workload }: Workload): Manifest =>
  manifest("apps/v1", "DaemonSet", placed, {
    spec: { ...workload.spec, ...common(workload), updateStrategy: strategyOf(strategy) },
  });

export const deployment = (placed: Placed, { strategy, replicas, ...workload }: Workload): Manifest =>
  manifest("apps/v1", "Deployment", placed, {
    spec: { ...workload.spec, replicas, ...common(workload), strategy: strategyOf(strategy) },
  });

const common = ({ selector, podLabels, podAnnotations, podName, pod }: Workload) => ({
  selector: { matchLabels: selector },
  template: {
    metadata: { ...podName, labels: { ...selector, ...podLabels }, annotations: podAnnotations },
    spec: pod,
  },
});

function strategyOf(given: UpdateStrategy | undefined): object | undefined {
  if (given === undefined || (given.strategy === undefined && given.rollingUpdate === undefined)) return undefined;
  return { type: given.strategy || undefined, rollingUpdate: given.rollingUpdate };
}

/** A variable of a container, by its value. */
export const env = (name: string, value: string) => ({ name, value });

/** A variable that takes a field of the pod: `spec.nodeName`. */
export const fieldEnv = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** A variable that takes an entry of a ConfigMap. */
export const configEnv = (name: string, { name: map, key }: { name: string; key: string }) => ({
  name,
  valueFrom: { configMapKeyRef: { name: map, key } },
});

type MountOptions = { readonly readOnly?: boolean; readonly mountPropagation?: "Bidirectional" };

export const mount = (name: string, mountPath: string, options: MountOptions = {}) => ({ name, mountPath, ...options });

type HostPathType = "DirectoryOrCreate" | "Directory" | "FileOrCreate" | undefined;

/** A file or directory of the machine. */
export const hostPath = (name: string, path: string, type?: HostPathType) => ({ name, hostPath: { path, type } });

export const configVolume = (name: string, map: string, options: object = {}) => ({
  name,
  configMap: { name: map, ...options },
});

/** Nodes that have, or have not, what is named. All must hold. */
export const requiredNodes = (...matchExpressions: readonly object[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
  },
});

export const isWorker = { key: "node-role.kubernetes.io/worker", operator: "Exists" };
export const isNotWindows = { key: "beta.kubernetes.io/os", operator: "NotIn", values: ["windows"] };

export const onLinux: Labels = { "kubernetes.io/os": "linux" };

/** Pods of one label keep away from each other where they can. */
export const apartFrom = (label: string) => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          labelSelector: { matchExpressions: [{ key: "k8s-app", operator: "In", values: [label] }] },
          topologyKey: "kubernetes.io/hostname",
        },
      },
    ],
  },
});

/** Every taint that keeps new pods off or drives those there away. */
export const everyTaint: readonly Toleration[] = [
  { effect: "NoExecute", operator: "Exists" },
  { effect: "NoSchedule", operator: "Exists" },
];

/** What the node's own controllers tolerate, the taint of the etcd nodes included. */
export const everyTaintOfNodes: readonly Toleration[] = [
  { effect: "NoSchedule", operator: "Exists" },
  { key: "CriticalAddonsOnly", operator: "Exists" },
  { effect: "NoExecute", operator: "Exists" },
];

export const runtimeSeccomp = { seccompProfile: { type: "RuntimeDefault" } };
