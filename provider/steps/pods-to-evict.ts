import type { Pod } from "../hosts/kube-objects.ts";

/** What a person permits a drain to do. */
export interface DrainRules {
  /** Also pods that no controller makes again. */
  readonly force?: boolean | undefined;
  /** Leave pods of DaemonSets where they are, which come back at once; otherwise such a pod forbids the drain. */
  readonly ignoreDaemonSets?: boolean | undefined;
  /** Also pods whose data in an emptyDir are lost. */
  readonly deleteLocalData?: boolean | undefined;
}

/** The pods that have to leave. Static pods cannot, pods of DaemonSets would come back, and completed ones do nothing. */
export function podsToEvict(pods: readonly Pod[], { ignoreDaemonSets = true }: DrainRules): readonly Pod[] {
  return pods.filter((pod) => !isMirror(pod) && !isCompleted(pod) && !(ignoreDaemonSets && isOfDaemonSet(pod)));
}

/** Why a drain is not permitted, all reasons with all pods; undefined when it is. */
export function whyNotDrain(pods: readonly Pod[], rules: DrainRules): string | undefined {
  const { force = false, ignoreDaemonSets = true, deleteLocalData = false } = rules;
  const leaving = podsToEvict(pods, rules).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const named = (reason: string, found: readonly Pod[]) =>
    found.length === 0 ? [] : [`${reason}: ${found.map(podName).join(", ")}`];
  const reasons = [
    ...(ignoreDaemonSets ? [] : named("pods of DaemonSets would come back", leaving.filter(isOfDaemonSet))),
    ...(force ? [] : named("nothing would make these pods again (force)", leaving.filter(isUnmanaged))),
    ...(deleteLocalData ? [] : named("pods would lose their emptyDir (deleteLocalData)", leaving.filter(hasLocalData))),
  ];
  return reasons.length === 0 ? undefined : reasons.join("; ");
}

export const podName = ({ metadata: { namespace = "default", name } }: Pod): string => `${namespace}/${name}`;

const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;

const isCompleted = ({ status }: Pod): boolean => status?.phase === "Succeeded" || status?.phase === "Failed";

const isOfDaemonSet = (pod: Pod): boolean => controllerOf(pod)?.kind === "DaemonSet";

const isUnmanaged = (pod: Pod): boolean => controllerOf(pod) === undefined;

const hasLocalData = ({ spec }: Pod): boolean => spec.volumes?.some(({ emptyDir }) => emptyDir !== undefined) ?? false;

const controllerOf = ({ metadata }: Pod) => metadata.ownerReferences?.find(({ controller }) => controller === true);
