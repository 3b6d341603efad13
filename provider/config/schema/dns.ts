import { z } from "zod";

import { named } from "./naming.ts";
import { flag, text, textMap, toleration, updateStrategy, whole } from "./values.ts";

const linearAutoscalerParams = z.strictObject({
  coresPerReplica: z.number().optional(),
  nodesPerReplica: z.number().optional(),
  min: whole(),
  max: whole(),
  preventSinglePointFailure: flag(),
});

const nodelocal = z.strictObject({
  /** Address of the cache on every node, usually 169.254.20.10. Turns the cache on. */
  ipAddress: text(),
  nodeSelector: textMap(),
  updateStrategy: updateStrategy.optional(),
  nodeLocalDnsPriorityClassName: text(),
});

export const dns = z.strictObject({
  /** `coredns`, `kube-dns` or `none`. Default: coredns (kube-dns before Kubernetes 1.14). */
  provider: text(),
  /** Priority classes: `coredns_priority_class_name`, `coredns_autoscaler_priority_class_name` and their kube_dns counterparts. */
  options: textMap(),
  /** Name servers for names outside the cluster. Default: the node's resolv.conf. */
  upstreamnameservers: named(z.array(z.string()).optional(), { state: "upstreamnameservers" }),
  /** Reverse zones that belong to the cluster. */
  reversecidrs: named(z.array(z.string()).optional(), { state: "reversecidrs" }),
  /** Name servers for single domains (kube-dns only). */
  stubdomains: named(z.record(z.string(), z.array(z.string())).optional(), { state: "stubdomains" }),
  /** Labels of the nodes on which the DNS servers may run. */
  nodeSelector: textMap(),
  /** A cache on every node. */
  nodelocal: nodelocal.optional(),
  updateStrategy: updateStrategy.optional(),
  linearAutoscalerParams: linearAutoscalerParams.optional(),
  tolerations: z.array(toleration).optional(),
});
