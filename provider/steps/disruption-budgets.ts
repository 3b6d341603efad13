import type { Kube } from "../hosts/kube.ts";
import type { List, ObjectMeta, Pod } from "../hosts/kube-objects.ts";

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface DisruptionBudget {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly selector?: Selector };
  readonly status?: { readonly disruptionsAllowed?: number };
}

/** The names of the budgets that hold these pods. For the person who waits: what cannot be found out is left out. */
export async function budgetsHolding(
  kube: Kube,
  pods: readonly Pod[],
  { policyVersion = "policy/v1", signal }: { policyVersion?: string | undefined; signal: AbortSignal },
): Promise<ReadonlyMap<Pod, string>> {
  const namespaces = [...new Set(pods.map(namespaceOf))];
  const lists = await Promise.all(
    namespaces.map(async (namespace) => {
      const path = `/apis/${policyVersion}/namespaces/${namespace}/poddisruptionbudgets`;
      const list = await kube.request<List<DisruptionBudget>>("GET", path, { signal }).catch(() => undefined);
      return [namespace, list?.items ?? []] as const;
    }),
  );
  signal.throwIfAborted();
  const budgets = new Map(lists);
  return new Map(
    pods.flatMap((pod) => {
      const holding = budgets.get(namespaceOf(pod))?.find((budget) => holds(budget, pod));
      return holding === undefined ? [] : [[pod, holding.metadata.name] as const];
    }),
  );
}

const namespaceOf = ({ metadata: { namespace = "default" } }: Pod): string => namespace;

const holds = ({ spec, status }: DisruptionBudget, { metadata: { labels = {} } }: Pod): boolean =>
  (status?.disruptionsAllowed ?? 0) <= 0 && spec?.selector !== undefined && selects(spec.selector, labels);

/** As Kubernetes reads a label selector; an empty one selects everything. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      if (operator === "In") return value !== undefined && values.includes(value);
      return value === undefined || !values.includes(value);
    })
  );
}
