import type { Answer } from "./exchange.ts";
import { bodyOf, parseJson } from "./http.ts";
import { existing, note, type ResourceCall } from "./kube-call.ts";
import { kindOf } from "./kube-kinds.ts";
import { budgetOf } from "./kube-live.ts";
import { isMap, type KubeObject } from "./kube-object.ts";
import { kubeRefusal } from "./kube-refusal.ts";

interface Eviction {
  readonly deleteOptions?: { readonly preconditions?: { readonly uid?: string } };
}

/** Removes a pod unless a PodDisruptionBudget forbids it now: 429, as the API server says "try again later". */
export async function evict(call: ResourceCall): Promise<Answer> {
  const { deleteOptions } = parseJson<Eviction>(await bodyOf(call.request));
  const pod = existing(call);
  const wanted = deleteOptions?.preconditions?.uid;
  if (wanted !== undefined && wanted !== pod.metadata.uid) {
    const what = `UID in precondition: ${wanted}, UID in object meta: ${pod.metadata.uid}`;
    throw kubeRefusal(409, "Conflict", `Precondition failed: ${what}`);
  }
  const { store, machine, namespace } = call;
  for (const budget of store.list(kindOf("poddisruptionbudgets"), namespace).filter((one) => covers(one, pod))) {
    const { disruptionsAllowed, currentHealthy, desiredHealthy } = budgetOf(store, machine.world, budget);
    if (disruptionsAllowed > 0) continue;
    const need = `needs ${String(desiredHealthy)} healthy pods and has ${String(currentHealthy)} currently`;
    const message = `The disruption budget ${budget.metadata.name} ${need}`;
    const causes = [{ reason: "DisruptionBudget", message }];
    throw kubeRefusal(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes,
    });
  }
  store.delete(call.kind, pod);
  note(call, "pod evicted", pod.metadata.name);
  return { status: 201, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } };
}

function covers({ spec }: KubeObject, pod: KubeObject): boolean {
  const selector = spec?.selector;
  const labels = isMap(selector) && isMap(selector.matchLabels) ? selector.matchLabels : {};
  return Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value);
}
