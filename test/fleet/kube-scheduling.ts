import { isMap, type KubeObject } from "./kube-object.ts";

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly { readonly key?: string; readonly operator?: string; readonly effect?: string }[];
  };
}

/** Node selector, taints and cordons; affinities are not looked at. DaemonSets tolerate a cordon. */
export function accepts(node: KubeObject, owner: KubeObject, isDaemon: boolean): boolean {
  const { nodeSelector = {}, tolerations = [] } = templateOf(owner).spec ?? {};
  const { unschedulable, taints = [] } = (node.spec ?? {}) as {
    unschedulable?: boolean;
    taints?: readonly { key: string; effect: string }[];
  };
  const labels = node.metadata.labels ?? {};
  if (unschedulable === true && !isDaemon) return false;
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  return taints
    .filter(({ effect }) => effect !== "PreferNoSchedule")
    .every(
      (taint) =>
        (isDaemon && taint.key.startsWith("node.kubernetes.io/")) ||
        tolerations.some(
          ({ key, effect }) =>
            (key === undefined || key === taint.key) &&
            (effect === undefined || effect === "" || effect === taint.effect),
        ),
    );
}

/** The pod template of a workload. */
export const templateOf = ({ spec }: KubeObject): Template =>
  isMap(spec?.template) ? (spec.template as Template) : {};
