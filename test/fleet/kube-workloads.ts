import { randomUUID } from "node:crypto";

import { leaderOf } from "./kube-components.ts";
import { kindOf } from "./kube-kinds.ts";
import { isReadyNode } from "./kube-nodes.ts";
import type { Json, KubeObject } from "./kube-object.ts";
import { accepts, templateOf } from "./kube-scheduling.ts";
import type { KubeStore } from "./kube-store.ts";
import type { World } from "./world.ts";

/**
 * Does what the controllers and the scheduler would have done since somebody last looked: gives DaemonSets, Deployments and
 * StatefulSets their pods, removes pods of Nodes that are gone. Without a leading controller manager nothing moves.
 */
export function settleWorkloads(world: World, store: KubeStore): void {
  if (leaderOf(world, "kube-controller-manager", store.cluster) === undefined) return;
  const hasScheduler = leaderOf(world, "kube-scheduler", store.cluster) !== undefined;
  const podKind = kindOf("pods");
  const nodes = store.list(kindOf("nodes"));
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const byOwner = new Map<string, KubeObject[]>();
  for (const pod of store.list(podKind)) {
    const node = pod.spec?.nodeName;
    if (typeof node === "string" && !names.has(node)) store.delete(podKind, pod);
    else {
      const owner = pod.metadata.ownerReferences?.[0];
      const key = `${pod.metadata.namespace} ${owner?.kind} ${owner?.name}`;
      byOwner.set(key, [...(byOwner.get(key) ?? []), pod]);
    }
  }
  const podsOf = ({ kind, metadata }: KubeObject): readonly KubeObject[] =>
    byOwner.get(`${metadata.namespace} ${kind} ${metadata.name}`) ?? [];

  for (const owner of store.list(kindOf("daemonsets"))) {
    const wanted = new Set(nodes.filter((node) => accepts(node, owner, true)).map(({ metadata }) => metadata.name));
    for (const pod of podsOf(owner)) {
      const node = String(pod.spec?.nodeName);
      if (!wanted.delete(node)) store.delete(podKind, pod);
    }
    for (const node of wanted) store.create(podKind, podOf(owner, node));
  }
  for (const owner of [...store.list(kindOf("deployments")), ...store.list(kindOf("statefulsets"))]) {
    const { replicas = 1 } = (owner.spec ?? {}) as { replicas?: number };
    const pods = podsOf(owner);
    for (const pod of pods.slice(replicas)) store.delete(podKind, pod);
    const free = hasScheduler
      ? nodes.filter((node) => accepts(node, owner, false) && isReadyNode(world, store, node))
      : [];
    const place = (index: number): string | undefined => free[index % free.length]?.metadata.name;
    for (const [index, pod] of pods.entries()) {
      const node = pod.spec?.nodeName === undefined ? place(index) : undefined;
      if (node !== undefined) store.update(podKind, pod, { ...pod, spec: { ...pod.spec, nodeName: node } });
    }
    for (let index = pods.length; index < replicas; index++) store.create(podKind, podOf(owner, place(index)));
  }
}

function podOf(owner: KubeObject, nodeName: string | undefined): KubeObject {
  const template = templateOf(owner);
  const { name, namespace = "default", uid = "" } = owner.metadata;
  return {
    metadata: {
      name: `${name}-${randomUUID().slice(0, 5)}`,
      namespace,
      ...(template.metadata?.labels !== undefined && { labels: template.metadata.labels }),
      ownerReferences: [
        { kind: owner.kind ?? "", name, controller: true, ...{ uid, apiVersion: owner.apiVersion ?? "" } },
      ],
    },
    spec: { ...((template.spec ?? {}) as Record<string, Json>), ...(nodeName !== undefined && { nodeName }) },
  };
}
