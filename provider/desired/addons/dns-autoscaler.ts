import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { Labels, Manifest } from "./manifest.ts";
import { clusterRole, clusterRoleBinding, rule, serviceAccount } from "./rbac.ts";
import { deployment, everyTaint, type PodSpec } from "./workload.ts";

const namespace = "kube-system";

interface Autoscaler {
  readonly name: string;
  /** The Deployment that it scales. */
  readonly target: string;
  readonly image: string;
  /** Flags beside those that every autoscaler has. */
  readonly flags?: readonly string[];
  readonly container?: object;
  readonly pod: Partial<PodSpec>;
  readonly accountLabels?: Labels;
  readonly hasRbac: boolean;
}

/** Scales a DNS server with the nodes and cores of the cluster. What it goes by lies in a ConfigMap that it makes itself. */
export function dnsAutoscaler(
  dns: ClusterConfig["dns"],
  { name, target, image, flags = [], container = {}, pod, accountLabels, hasRbac }: Autoscaler,
): readonly Manifest[] {
  const scaling = JSON.stringify({ linear: withoutZeros(dns.linearAutoscalerParams ?? {}) });
  const role = `system:${name}`;
  return [
    deployment(
      { name, namespace, labels: { "k8s-app": name } },
      {
        selector: { "k8s-app": name },
        pod: {
          serviceAccountName: hasRbac ? name : undefined,
          tolerations: dns.tolerations ?? everyTaint,
          ...pod,
          containers: [
            {
              name: "autoscaler",
              image,
              resources: { requests: { cpu: "20m", memory: "10Mi" } },
              ...container,
              command: [
                "/cluster-proportional-autoscaler",
                "--namespace=kube-system",
                `--configmap=${name}`,
                `--target=Deployment/${target}`,
                `--default-params=${scaling}`,
                ...flags,
                "--logtostderr=true",
                "--v=2",
              ],
            },
          ],
        },
      },
    ),
    ...(hasRbac
      ? [
          serviceAccount({ name, namespace, labels: accountLabels }),
          clusterRole({ name: role }, [
            rule("", "nodes", "list watch"),
            rule("", "replicationcontrollers/scale", "get update"),
            rule("extensions,apps", "deployments/scale replicasets/scale", "get update"),
            rule("", "configmaps", "get create"),
          ]),
          clusterRoleBinding({ name: role }, { name, namespace }),
        ]
      : []),
  ];
}

/** RKE leaves out what is zero, empty or false; the autoscaler takes that for the same. */
function withoutZeros(params: NonNullable<ClusterConfig["dns"]["linearAutoscalerParams"]>): object {
  const { coresPerReplica, nodesPerReplica, min, max, preventSinglePointFailure } = params;
  const ordered = { coresPerReplica, nodesPerReplica, min, max, preventSinglePointFailure };
  return Object.fromEntries(Object.entries(ordered).filter(([, value]) => Boolean(value)));
}
