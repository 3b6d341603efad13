import { type Manifest, manifest, type Placed } from "./manifest.ts";

const apiGroup = "rbac.authorization.k8s.io";
const apiVersion = `${apiGroup}/v1`;

/** The group of Calico's own resources. */
export const calicoGroup = "crd.projectcalico.org";

/** Rights over some resources of one group. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A rule in a line: `rule("apps", "daemonsets", "get list watch")`. The core group is `""`. */
export const rule = (groups: string, resources: string, verbs: string, names?: readonly string[]): Rule => ({
  apiGroups: groups.split(","),
  resources: resources.split(" "),
  verbs: verbs.split(" "),
  ...(names !== undefined && { resourceNames: names }),
});

export const serviceAccount = (placed: Placed, content: object = {}): Manifest =>
  manifest("v1", "ServiceAccount", placed, content);

export const clusterRole = (placed: Placed, rules: readonly Rule[]): Manifest =>
  manifest(apiVersion, "ClusterRole", placed, { rules });

export const role = (placed: Placed, rules: readonly Rule[]): Manifest =>
  manifest(apiVersion, "Role", placed, { rules });

/** A service account that is given rights. */
export interface Subject {
  readonly name: string;
  readonly namespace: string;
}

/** Binds a ClusterRole, the one of the same name unless another is named, to a service account. */
export const clusterRoleBinding = (placed: Placed, subject: Subject, ofRole = placed.name): Manifest =>
  manifest(apiVersion, "ClusterRoleBinding", placed, {
    roleRef: { apiGroup, kind: "ClusterRole", name: ofRole },
    subjects: [account(subject)],
  });

/** Binds a Role of the same namespace, the one of the same name unless another is named, to a service account. */
export const roleBinding = (placed: Placed, subject: Subject, ofRole = placed.name): Manifest =>
  manifest(apiVersion, "RoleBinding", placed, {
    roleRef: { apiGroup, kind: "Role", name: ofRole },
    subjects: [account(subject)],
  });

/** Binds a ClusterRole to a user that has a certificate. */
export const clusterRoleOfUser = (name: string, user: string): Manifest =>
  manifest(
    apiVersion,
    "ClusterRoleBinding",
    { name },
    {
      roleRef: { apiGroup, kind: "ClusterRole", name },
      subjects: [{ apiGroup, kind: "User", name: user }],
    },
  );

const account = ({ name, namespace }: Subject) => ({ kind: "ServiceAccount", name, namespace });
