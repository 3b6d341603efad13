import { type Json, validVectors } from "../support/vectors.ts";

/**
 * Where our plan is not RKE's, on purpose. Each has its paragraph in docs/differences.md under the same name; a
 * difference that is not listed here fails the comparison.
 */
export interface Difference {
  /** The heading in docs/differences.md. */
  readonly heading: string;
  readonly vectors: readonly string[];
  /** Brings RKE's answer to what ours should be. */
  readonly adapt: (peer: Json) => void;
}

export const planDifferences: readonly Difference[] = [
  {
    heading: "Recurring snapshots that are switched off are off",
    vectors: ["etcd-backup-disabled"],
    adapt: (peer) => {
      for (const node of peer.nodes) node.upContainers = [];
    },
  },
  {
    heading: "Windows nodes are planned like the others",
    vectors: ["windows-worker"],
    adapt: (peer) => {
      // RKE's CLI stops before the containers outside of the node plan; what they would be is known all the same.
      for (const node of peer.nodes) delete node.upContainers;
    },
  },
  {
    heading: "Images that a release does not have stay empty",
    vectors: ["registry-default"],
    adapt: (peer) => {
      for (const [name, image] of Object.entries<string>(peer.systemImages)) {
        if (image.endsWith("/")) peer.systemImages[name] = "";
      }
    },
  },
];

export const certificateDifferences: readonly Difference[] = [
  {
    heading: "Own keys for kubelets and for service accounts",
    vectors: validVectors,
    adapt: ({ certificates }) => {
      for (const name of ["kube-node", "kube-proxy", "kube-apiserver", "kube-service-account-token"]) {
        certificates[name].sameKeyAs = [];
        certificates[name].sameCertificateAs = [];
      }
      // RKE copies the certificate of kube-apiserver; one of its own is like that of any other component.
      certificates["kube-service-account-token"].certificate = {
        ...certificates["kube-scheduler"].certificate,
        subjectCN: "kube-service-account-token",
      };
    },
  },
];

/** What we read from a cluster.yml that RKE accepts and we refuse, mended in the way the message asks for. */
export const mendedInputs: Readonly<Record<string, { heading: string; mend: (text: string) => string }>> = {
  "yaml-quirks": {
    heading: "Repeated keys are errors",
    mend: (text) => text.replace("ssh_agent_auth: on\n", ""),
  },
};

/** Where the objects of addons are not RKE's, on purpose. */
interface AddonDifference {
  /** The heading in docs/differences.md. */
  readonly heading: string;
  readonly adapt: (objects: Json[], of: { addon: string; vector: string }) => Json[];
}

const each =
  (adapt: (object: Json) => void): AddonDifference["adapt"] =>
  (objects) => {
    for (const object of objects) adapt(object);
    return objects;
  };

export const addonDifferences: readonly AddonDifference[] = [
  {
    heading: "Addons are applied object by object",
    adapt: (objects) =>
      objects.flatMap((object) => (object.kind === "List" ? object.items : [object])).filter(({ kind }) => kind),
  },
  {
    heading: "An IngressClass has no namespace",
    adapt: each(({ kind, metadata }) => {
      if (kind === "IngressClass") delete metadata.namespace;
    }),
  },
  {
    heading: "Reverse zones of CoreDNS are written as CoreDNS reads them",
    adapt: each(({ kind, metadata, data }) => {
      if (kind !== "ConfigMap" || metadata.name !== "coredns") return;
      data.Corefile = data.Corefile.replace(/(kubernetes \S+ )\[(.*)\] \{/, "$1$2 {").replace(/ # STUBDOMAINS.*$/, "");
    }),
  },
  {
    heading: "The autoscaler alone scales CoreDNS",
    adapt: each(({ kind, metadata, spec }) => {
      if (kind === "Deployment" && metadata.name === "coredns") delete spec.replicas;
    }),
  },
  {
    heading: "Calico's tier getter is there wherever it is bound",
    adapt: (objects) => {
      const has = (wanted: string) =>
        objects.some(({ kind, metadata }) => kind === wanted && metadata?.name === tierGetter);
      if (!has("ClusterRoleBinding") || has("ClusterRole")) return objects;
      const rules = [{ apiGroups: ["projectcalico.org"], resources: ["tiers"], verbs: ["get"] }];
      const apiVersion = "rbac.authorization.k8s.io/v1";
      return [...objects, { apiVersion, kind: "ClusterRole", metadata: { name: tierGetter }, rules }];
    },
  },
  {
    heading: "Without RBAC nothing is bound and no account is named",
    adapt: (objects, { vector }) => {
      if (!vector.startsWith("rbac-none")) return objects;
      for (const { spec } of objects) if (spec?.template !== undefined) delete spec.template.spec.serviceAccountName;
      return objects.filter(({ kind }) => !/^ClusterRole/.test(kind));
    },
  },
];

const tierGetter = "calico-tier-getter";
