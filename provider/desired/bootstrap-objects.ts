import type { ClusterConfig } from "../config/cluster-config.ts";

/** An object that the cluster needs before its nodes can join. */
export interface BootstrapObject {
  readonly name: string;
  readonly path: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly [key: string]: unknown;
  };
}

/**
 * What RKE puts into the API before anything else: the rights of the kubelets, which all come as `system:node`, and of
 * the API servers towards the kubelets. Without RBAC nobody needs rights.
 */
export function bootstrapObjects({ authorization }: ClusterConfig): readonly BootstrapObject[] {
  if (authorization.mode !== "rbac") return [];
  return [
    {
      name: "system:node",
      path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:node",
      object: {
        apiVersion: rbac,
        kind: "ClusterRoleBinding",
        metadata: {
          name: "system:node",
          annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" },
          labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
        },
        roleRef: roleRef("system:node"),
        subjects: [{ apiGroup, kind: "Group", name: "system:nodes" }],
      },
    },
    {
      name: proxyRole,
      path: `/apis/rbac.authorization.k8s.io/v1/clusterroles/${proxyRole}`,
      object: {
        apiVersion: rbac,
        kind: "ClusterRole",
        metadata: { name: proxyRole },
        rules: [
          {
            apiGroups: [""],
            resources: ["nodes/metrics", "nodes/proxy", "nodes/stats", "nodes/log", "nodes/spec"],
            verbs: ["get", "list", "watch", "create"],
          },
        ],
      },
    },
    {
      name: proxyBinding,
      path: `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${proxyBinding}`,
      object: {
        apiVersion: rbac,
        kind: "ClusterRoleBinding",
        metadata: { name: proxyBinding },
        roleRef: roleRef(proxyRole),
        subjects: [{ apiGroup, kind: "User", name: "kube-apiserver" }],
      },
    },
  ];
}

const apiGroup = "rbac.authorization.k8s.io";
const rbac = `${apiGroup}/v1`;
const proxyRole = "proxy-clusterrole-kubeapiserver";
const proxyBinding = "proxy-role-binding-kubernetes-master";
const roleRef = (name: string) => ({ apiGroup, kind: "ClusterRole", name });
