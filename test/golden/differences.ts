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
