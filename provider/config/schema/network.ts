import { z } from "zod";

import { named, secret } from "./naming.ts";
import { aciNetworkProvider } from "./network-aci.ts";
import { flag, text, textMap, toleration, updateStrategy, whole } from "./values.ts";

export const networkPlugin = z.enum(["canal", "flannel", "calico", "weave", "aci", "none"]);

export const network = z.strictObject({
  /** The network of the pods. Default: canal. It cannot be changed while the cluster lives. */
  plugin: networkPlugin.or(z.literal("")).optional(),
  /** Options of the plugin, under the names RKE gives them (`flannel_backend_type`, `canal_iface`, …). */
  options: textMap(),
  /** MTU of the pods' network (Calico, Canal, Weave). Default: automatic. */
  mtu: whole(),
  calicoNetworkProvider: z
    .strictObject({
      cloudProvider: named(z.string().optional(), { yaml: "cloudprovider" }),
    })
    .optional(),
  canalNetworkProvider: z
    .strictObject({
      /** Interface that carries the traffic between nodes. */
      iface: text(),
    })
    .optional(),
  flannelNetworkProvider: z
    .strictObject({
      /** Interface that carries the traffic between nodes. */
      iface: text(),
    })
    .optional(),
  weaveNetworkProvider: z
    .strictObject({
      /** Encrypts the traffic between nodes. */
      password: secret(text()),
    })
    .optional(),
  aciNetworkProvider: aciNetworkProvider.optional(),
  /** Labels of the nodes on which the controllers of the plugin run. */
  nodeSelector: textMap(),
  updateStrategy: updateStrategy.optional(),
  /** Tolerations of calico-kube-controllers (Calico and Canal). */
  tolerations: z.array(toleration).optional(),
  /** Load the kernel module br_netfilter on every node. Default: true. */
  enableBrNetfilter: flag(),
});
