import { randomUUID } from "node:crypto";

import type { EtcdCluster } from "./etcd-cluster.ts";
import { apiVersionOf, builtInKinds, type Kind, keyOf } from "./kube-kinds.ts";
import type { KubeObject, Metadata } from "./kube-object.ts";
import { kubeRefusal } from "./kube-refusal.ts";

/** What is in etcd: an object, and when its spec was last changed, from which progress is computed. */
interface Stored {
  readonly object: KubeObject;
  readonly changedAt: number;
}

/** Kubernetes objects in an etcd cluster, with the server's rules about versions, generations and finalizers. */
export class KubeStore {
  readonly cluster: EtcdCluster;
  readonly now: () => number;

  constructor(cluster: EtcdCluster, now: () => number) {
    this.cluster = cluster;
    this.now = now;
  }

  get(kind: Kind, namespace: string | undefined, name: string): KubeObject | undefined {
    const entry = this.cluster.store.get(keyOf(kind, namespace, name));
    return entry === undefined ? undefined : shown(entry.value as Stored, entry.modRevision);
  }

  changedAt(kind: Kind, { metadata }: KubeObject): number {
    const entry = this.cluster.store.get(keyOf(kind, metadata.namespace, metadata.name));
    return entry === undefined ? 0 : (entry.value as Stored).changedAt;
  }

  list(kind: Kind, namespace?: string): readonly KubeObject[] {
    const prefix = keyOf(kind, namespace, "");
    const found: KubeObject[] = [];
    for (const [key, { value, modRevision }] of this.cluster.store) {
      if (key.startsWith(prefix)) found.push(shown(value as Stored, modRevision));
    }
    return found;
  }

  create(kind: Kind, given: KubeObject): KubeObject {
    const { generateName } = given.metadata;
    const name = given.metadata.name ?? (generateName === undefined ? "" : generateName + randomUUID().slice(0, 5));
    if (name === "") throw kubeRefusal(422, "Invalid", "name or generateName is required");
    if (this.get(kind, given.metadata.namespace, name) !== undefined) {
      throw kubeRefusal(409, "AlreadyExists", `${qualified(kind)} "${name}" already exists`);
    }
    const metadata: Metadata = {
      ...given.metadata,
      name,
      uid: randomUUID(),
      generation: 1,
      creationTimestamp: new Date(this.now()).toISOString(),
    };
    return this.#put(kind, { ...given, metadata }, this.now());
  }

  /** Replaces an object; refuses when the version it was made from is not the current one. */
  update(kind: Kind, before: KubeObject, after: KubeObject): KubeObject {
    const { resourceVersion: seen } = after.metadata;
    if (seen !== undefined && seen !== before.metadata.resourceVersion) {
      const advice = "the object has been modified; please apply your changes to the latest version and try again";
      const what = `${qualified(kind)} "${before.metadata.name}"`;
      throw kubeRefusal(409, "Conflict", `Operation cannot be fulfilled on ${what}: ${advice}`);
    }
    const isChanged = JSON.stringify(specOf(before)) !== JSON.stringify(specOf(after));
    const { uid, generation = 1, creationTimestamp, deletionTimestamp } = before.metadata;
    const metadata: Metadata = {
      ...after.metadata,
      name: before.metadata.name,
      ...(before.metadata.namespace !== undefined && { namespace: before.metadata.namespace }),
      ...(uid !== undefined && { uid }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      generation: generation + (isChanged ? 1 : 0),
    };
    const object = { ...after, metadata };
    if (deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0) {
      this.cluster.delete(keyOf(kind, metadata.namespace, metadata.name));
      return object;
    }
    return this.#put(kind, object, isChanged ? this.now() : this.changedAt(kind, before));
  }

  /** Removes an object, or marks it when finalizers hold it. */
  delete(kind: Kind, object: KubeObject): KubeObject {
    const { namespace, name, finalizers = [], deletionTimestamp } = object.metadata;
    if (finalizers.length === 0) {
      this.cluster.delete(keyOf(kind, namespace, name));
      if (kind.plural === "namespaces") this.#deleteContents(name);
      return object;
    }
    if (deletionTimestamp !== undefined) return object;
    const marked = { ...object.metadata, deletionTimestamp: new Date(this.now()).toISOString() };
    return this.#put(kind, { ...object, metadata: marked }, this.changedAt(kind, object));
  }

  /** Built-in kinds and those that CustomResourceDefinitions add. */
  kinds(): readonly Kind[] {
    const definitions = builtInKinds.find(({ plural }) => plural === "customresourcedefinitions");
    if (definitions === undefined) return builtInKinds;
    const custom = this.list(definitions).flatMap(({ spec = {} }) => {
      const { group, scope, names, versions } = spec as unknown as DefinitionSpec;
      const { plural, kind } = names;
      return versions.map(({ name }) => ({ group, version: name, plural, kind, namespaced: scope === "Namespaced" }));
    });
    return [...builtInKinds, ...custom];
  }

  #put(
    kind: Kind,
    { metadata: { resourceVersion: _, ...metadata }, ...rest }: KubeObject,
    changedAt: number,
  ): KubeObject {
    const object: KubeObject = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...rest, metadata };
    const key = keyOf(kind, metadata.namespace, metadata.name);
    const { modRevision } = this.cluster.put(key, { object, changedAt } satisfies Stored);
    return shown({ object, changedAt }, modRevision);
  }

  #deleteContents(namespace: string): void {
    for (const key of [...this.cluster.store.keys()]) {
      if (key.startsWith("/registry/") && key.split("/").at(-2) === namespace) this.cluster.delete(key);
    }
  }
}

interface DefinitionSpec {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly plural: string; readonly kind: string };
  readonly versions: readonly { readonly name: string }[];
}

const shown = ({ object }: Stored, modRevision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(modRevision) },
});

const specOf = ({ metadata: _, status: __, ...rest }: KubeObject): object => rest;

export const qualified = ({ group, plural }: Kind): string => (group === "" ? plural : `${plural}.${group}`);
