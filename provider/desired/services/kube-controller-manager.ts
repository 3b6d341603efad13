import { filesOf } from "../../pki/files.ts";
import { CONTROLLER_MANAGER, KUBE_CA, SERVICE_ACCOUNT_TOKEN } from "../../pki/names.ts";
import { cloudConfigEnv, cloudProviderFlags } from "../cloud-provider-flags.ts";
import type { PlannedContainer } from "../container-spec.ts";
import type { NodeContext } from "../node-context.ts";
import { authKubeconfigFlags } from "./auth-kubeconfig-flags.ts";
import { hyperkube } from "./hyperkube.ts";

/** The controller manager of a control plane node. */
export function kubeControllerManager(context: NodeContext): PlannedContainer {
  const { cluster } = context;
  const service = cluster.config.services.kubeController;
  const kubeconfig = filesOf(CONTROLLER_MANAGER).kubeconfigPath ?? "";
  return hyperkube(context, {
    name: "kube-controller-manager",
    flags: {
      base: {
        ...cloudProviderFlags(cluster),
        "cluster-cidr": service.clusterCidr,
        kubeconfig,
        "root-ca-file": filesOf(KUBE_CA).path,
        "service-account-private-key-file": filesOf(SERVICE_ACCOUNT_TOKEN).keyPath,
        "service-cluster-ip-range": service.serviceClusterIpRange,
      },
      release: cluster.options.kubeController,
      forced: authKubeconfigFlags(cluster, kubeconfig),
      extra: service.extraArgs,
      repeated: service.extraArgsArray,
    },
    ...(cluster.config.authorization.mode === "rbac" && { cmd: ["--use-service-account-credentials=true"] }),
    binds: [`${context.path("/etc/kubernetes")}:/etc/kubernetes:z`],
    extraBinds: service.extraBinds,
    env: [...(service.extraEnv ?? []), ...cloudConfigEnv(cluster)],
    healthCheckUrl: cluster.kubernetesImage.controllerManagerHealthUrl,
  });
}
