import { filesOf } from "../../pki/files.ts";
import { KUBE_PROXY } from "../../pki/names.ts";
import { takesNameFromMetadata } from "../cloud-provider-flags.ts";
import type { PlannedContainer } from "../container-spec.ts";
import type { NodeContext } from "../node-context.ts";
import { prefixed } from "../paths.ts";
import { extrasFor, hyperkube, windowsEnv } from "./hyperkube.ts";

/** kube-proxy; every node has one. */
export function kubeProxy(context: NodeContext): PlannedContainer {
  const { cluster, node, isWindows, path, prefixPath } = context;
  const { config } = cluster;
  const extras = extrasFor(context, config.services.kubeproxy);
  const kubeconfig = filesOf(KUBE_PROXY).kubeconfigPath ?? "";
  const options = isWindows ? cluster.windowsOptions() : cluster.options;
  const namedByMetadata = takesNameFromMetadata(cluster, ["aws", "external-aws"]);
  return hyperkube(context, {
    name: "kube-proxy",
    flags: {
      base: {
        "cluster-cidr": config.services.kubeController.clusterCidr,
        ...(!namedByMetadata && { "hostname-override": node.hostnameOverride }),
        kubeconfig: isWindows ? prefixed(prefixPath, kubeconfig) : kubeconfig,
      },
      release: options.kubeProxy,
      // With a cloud provider the Node may get another name, and kube-proxy could not find its address by it.
      forced: { ...(config.cloudProvider.name && { "bind-address": node.internalAddress }) },
      extra: extras.extraArgs,
      repeated: extras.extraArgsArray,
    },
    binds: isWindows
      ? [`${path("/etc/kubernetes")}:c:/host/etc/kubernetes`, `${path("/run")}:c:/host/run`]
      : [`${path("/etc/kubernetes")}:/etc/kubernetes:z`, "/run:/run", "/lib/modules:/lib/modules:ro"],
    extraBinds: extras.extraBinds,
    env: [
      ...(extras.extraEnv ?? []),
      ...(isWindows ? windowsEnv(context) : []),
      ...(config.network.enableBrNetfilter ? ["RKE_KUBE_PROXY_BR_NETFILTER=true"] : []),
    ],
    healthCheckUrl: "http://localhost:10256/healthz",
    onMachine: true,
  });
}
