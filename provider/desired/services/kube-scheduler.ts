import { filesOf } from "../../pki/files.ts";
import { SCHEDULER } from "../../pki/names.ts";
import type { PlannedContainer } from "../container-spec.ts";
import type { NodeContext } from "../node-context.ts";
import { authKubeconfigFlags } from "./auth-kubeconfig-flags.ts";
import { hyperkube } from "./hyperkube.ts";

/** The scheduler of a control plane node. */
export function kubeScheduler(context: NodeContext): PlannedContainer {
  const { cluster } = context;
  const service = cluster.config.services.scheduler;
  const kubeconfig = filesOf(SCHEDULER).kubeconfigPath ?? "";
  return hyperkube(context, {
    name: "kube-scheduler",
    flags: {
      base: { kubeconfig },
      release: cluster.options.scheduler,
      forced: authKubeconfigFlags(cluster, kubeconfig),
      extra: service.extraArgs,
      repeated: service.extraArgsArray,
    },
    binds: [`${context.path("/etc/kubernetes")}:/etc/kubernetes:z`],
    extraBinds: service.extraBinds,
    env: service.extraEnv ?? [],
    healthCheckUrl: cluster.kubernetesImage.schedulerHealthUrl,
  });
}
