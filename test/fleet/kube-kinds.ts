export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** `group/version: Kind plural` of what every API server knows; `*` marks kinds without namespace. */
const table = `
v1: Node* nodes, Namespace* namespaces, PersistentVolume* persistentvolumes, Pod pods, Service services,
 ConfigMap configmaps, Secret secrets, ServiceAccount serviceaccounts, Endpoints endpoints, Event events,
 PersistentVolumeClaim persistentvolumeclaims, LimitRange limitranges, ResourceQuota resourcequotas,
 ReplicationController replicationcontrollers
apps/v1: Deployment deployments, DaemonSet daemonsets, ReplicaSet replicasets, StatefulSet statefulsets
batch/v1: Job jobs, CronJob cronjobs
policy/v1: PodDisruptionBudget poddisruptionbudgets
coordination.k8s.io/v1: Lease leases
rbac.authorization.k8s.io/v1: Role roles, RoleBinding rolebindings, ClusterRole* clusterroles,
 ClusterRoleBinding* clusterrolebindings
networking.k8s.io/v1: NetworkPolicy networkpolicies, Ingress ingresses, IngressClass* ingressclasses
storage.k8s.io/v1: StorageClass* storageclasses, CSIDriver* csidrivers
scheduling.k8s.io/v1: PriorityClass* priorityclasses
apiextensions.k8s.io/v1: CustomResourceDefinition* customresourcedefinitions
apiregistration.k8s.io/v1: APIService* apiservices
admissionregistration.k8s.io/v1: ValidatingWebhookConfiguration* validatingwebhookconfigurations,
 MutatingWebhookConfiguration* mutatingwebhookconfigurations
autoscaling/v2: HorizontalPodAutoscaler horizontalpodautoscalers
discovery.k8s.io/v1: EndpointSlice endpointslices
`;

export const builtInKinds: readonly Kind[] = table
  .trim()
  .split(/\n(?! )/)
  .flatMap((line) => {
    const [groupVersion = "", rest = ""] = line.split(": ");
    const [version = "", group = ""] = groupVersion.split("/").reverse();
    return rest.split(",").map((entry) => {
      const [name = "", plural = ""] = entry.trim().split(" ");
      return { group, version, plural, kind: name.replace("*", ""), namespaced: !name.endsWith("*") };
    });
  });

/** A built-in kind by its plural. */
export const kindOf = (plural: string): Kind => {
  const kind = builtInKinds.find((one) => one.plural === plural);
  if (kind === undefined) throw new Error(`The fleet knows no ${plural}`);
  return kind;
};

/** What a client asks for: `/apis/apps/v1/namespaces/kube-system/deployments/coredns/status` in its parts. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

export function targetOf(path: string, kinds: readonly Kind[]): Target | undefined {
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  const isCore = parts[0] === "api";
  const [group, version, rest] = isCore ? ["", parts[1], parts.slice(2)] : [parts[1], parts[2], parts.slice(3)];
  const isScoped = rest[0] === "namespaces" && rest.length > 2 && !namespaceSubresources.has(rest[2] ?? "");
  const [plural, name, subresource] = isScoped ? rest.slice(2) : rest;
  const kind = kinds.find((one) => one.group === group && one.version === version && one.plural === plural);
  if (kind === undefined || (isScoped && !kind.namespaced)) return undefined;
  return { kind, namespace: isScoped ? rest[1] : undefined, name, subresource };
}

const namespaceSubresources = new Set(["finalize", "status"]);

export const apiVersionOf = ({ group, version }: Kind): string => (group === "" ? version : `${group}/${version}`);

export const keyOf = ({ group, plural }: Kind, namespace: string | undefined, name: string | undefined): string =>
  `/registry/${group === "" ? "" : `${group}/`}${plural}/${namespace === undefined ? "" : `${namespace}/`}${name ?? ""}`;
