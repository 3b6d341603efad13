import type { IncomingMessage } from "node:http";

import type { EventKind } from "./journal.ts";
import type { Target } from "./kube-kinds.ts";
import type { KubeObject } from "./kube-object.ts";
import { kubeRefusal } from "./kube-refusal.ts";
import { type KubeStore, qualified } from "./kube-store.ts";
import type { Machine } from "./machine.ts";

/** One request for objects, with everything that serving it needs. */
export interface ResourceCall extends Target {
  readonly machine: Machine;
  readonly request: IncomingMessage;
  readonly store: KubeStore;
  readonly query: URLSearchParams;
}

export function existing({ store, kind, namespace, name = "" }: ResourceCall): KubeObject {
  const object = store.get(kind, namespace, name);
  if (object === undefined) throw kubeRefusal(404, "NotFound", `${qualified(kind)} "${name}" not found`, { name });
  return object;
}

export function note({ machine, kind, namespace }: ResourceCall, event: EventKind, name: string): void {
  const what =
    kind.plural === "nodes" ? name : `${kind.plural} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  machine.world.journal.record({ node: machine.name, kind: event, what });
}
