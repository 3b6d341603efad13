import { z } from "zod";

import { named } from "./naming.ts";
import { text } from "./values.ts";

/** Images, each with a tag. What is left out comes from the release; what is given is used as it is. */
export const systemImages = z.strictObject({
  aciCniDeployContainer: text(),
  aciControllerContainer: text(),
  aciGbpServerContainer: text(),
  aciHostContainer: text(),
  aciMcastContainer: text(),
  aciOpflexContainer: text(),
  aciOpflexServerContainer: text(),
  aciOvsContainer: text(),
  /** Helpers on the nodes (rke-tools). */
  alpine: text(),
  calicoCni: text(),
  calicoControllers: text(),
  calicoCtl: text(),
  calicoFlexVol: named(text(), { yaml: "calico_flexvol" }),
  calicoNode: text(),
  canalCni: text(),
  canalControllers: text(),
  canalFlannel: text(),
  canalFlexVol: named(text(), { yaml: "canal_flexvol" }),
  canalNode: text(),
  /** Helper that puts certificates on the nodes (rke-tools). */
  certDownloader: text(),
  coredns: text(),
  corednsAutoscaler: text(),
  dnsmasq: text(),
  /** etcd. */
  etcd: text(),
  flannel: text(),
  flannelCni: text(),
  ingress: text(),
  ingressBackend: text(),
  ingressWebhook: text(),
  kubedns: text(),
  kubednsAutoscaler: text(),
  kubednsSidecar: text(),
  /** hyperkube: API server, controller manager, scheduler, kubelet, kube-proxy. */
  kubernetes: text(),
  /** The volume with the entrypoint of the Kubernetes containers (rke-tools). */
  kubernetesServicesSidecar: text(),
  metricsServer: text(),
  /** Proxy to the API servers on the other nodes (rke-tools). */
  nginxProxy: text(),
  nodelocal: text(),
  /** The pause container. */
  podInfraContainer: text(),
  weaveCni: text(),
  weaveNode: text(),
  /** The pause container on Windows. */
  windowsPodInfraContainer: text(),
});

export type SystemImageName = keyof z.output<typeof systemImages>;
