import { z } from "zod";

import { verbatim } from "./naming.ts";
import { flag, text, textMap, toleration, updateStrategy } from "./values.ts";

const kubernetesObject = () => verbatim(z.looseObject({ name: z.string() }));
const port = () => z.int().optional();

export const ingress = z.strictObject({
  /** `nginx` or `none`. Default: nginx. */
  provider: z.enum(["nginx", "none", ""]).optional(),
  /** Entries of the controller's ConfigMap. */
  options: textMap(),
  /** Labels of the nodes on which the controller runs. */
  nodeSelector: textMap(),
  /** Flags of the controller, by name and without dashes. */
  extraArgs: textMap(),
  dnsPolicy: z.enum(["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None", ""]).optional(),
  /** Environment variables of the controller, as in a pod. */
  extraEnvs: z.array(kubernetesObject()).optional(),
  /** Volumes of the controller, as in a pod. */
  extraVolumes: z.array(kubernetesObject()).optional(),
  /** Mounts of the controller, as in a pod. */
  extraVolumeMounts: z.array(kubernetesObject()).optional(),
  updateStrategy: updateStrategy.optional(),
  /** Port on the nodes for HTTP, with `networkMode: hostPort`. Default: 80. */
  httpPort: port(),
  /** Port on the nodes for HTTPS, with `networkMode: hostPort`. Default: 443. */
  httpsPort: port(),
  /** `hostPort`, `hostNetwork` or `none`. Default: hostPort (hostNetwork before Kubernetes 1.21). */
  networkMode: z.enum(["hostNetwork", "hostPort", "none", ""]).optional(),
  /** Tolerations of the default backend. */
  tolerations: z.array(toleration).optional(),
  /** Deploy a default backend. Default: false (true before Kubernetes 1.21). */
  defaultBackend: flag(),
  defaultHttpBackendPriorityClassName: text(),
  nginxIngressControllerPriorityClassName: text(),
  /** Make this controller's IngressClass the default. Default: true. */
  defaultIngressClass: flag(),
});
