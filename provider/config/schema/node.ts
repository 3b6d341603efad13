import { z } from "zod";

import { named, secret } from "./naming.ts";
import { flag, text, textMap } from "./values.ts";

/** The parts a machine plays in a cluster. */
export const role = z.enum(["etcd", "controlplane", "worker"]);

export const taint = z.strictObject({
  key: text(),
  value: text(),
  /** What happens to pods that do not tolerate the taint. */
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute", ""]).optional(),
  /** Accepted because Kubernetes prints it; not used. */
  timeAdded: named(z.string().optional(), { yaml: "timeAdded" }),
});

export const node = z.strictObject({
  /** Name of the machine in Rancher. Not used. */
  nodeName: named(z.string().optional(), { yaml: "nodeName" }),
  /** Address that SSH connects to, and the node's external address. Identifies the machine. */
  address: text(),
  /** Port of sshd. Default: 22. */
  port: text(),
  /** Address the components use among themselves (etcd peers, API servers, kubelets). Default: `address`. */
  internalAddress: text(),
  /** What the machine does: any of `etcd`, `controlplane`, `worker`. */
  role: z.array(role).optional(),
  /** Name of the node in Kubernetes and of its etcd member; written in lower case. Default: `address`. */
  hostnameOverride: text(),
  /** SSH user. It must be allowed to use Docker's socket. */
  user: text(),
  /** Path of Docker's socket on the machine. Default: `/var/run/docker.sock`. */
  dockerSocket: text(),
  /** Overruled by `sshAgentAuth` of the cluster, as in RKE. */
  sshAgentAuth: flag(),
  /** Private key for SSH, as text. Wins over `sshKeyPath`. */
  sshKey: secret(text()),
  /** File with the private key. Default: `sshKeyPath` of the cluster. */
  sshKeyPath: text(),
  /** OpenSSH user certificate, as text. */
  sshCert: text(),
  /** File with the OpenSSH user certificate. Read only when `sshKey` is not given and no agent is used. */
  sshCertPath: text(),
  /** Labels of the Node object. Labels that others have set stay. */
  labels: textMap(),
  /** Taints of the Node object. Those that RKE sets by role cannot be given. */
  taints: z.array(taint).optional(),
});

export type NodeArgs = z.input<typeof node>;
export type Role = z.infer<typeof role>;
