import type { PlannedContainer } from "../container-spec.ts";
import { distinct, type NodeContext, planContainer, sidekickName } from "../node-context.ts";
import { networkJson } from "../windows-network.ts";
import { powershell, windowsEnv } from "./hyperkube.ts";

/** Carries the volume with the tools that the Kubernetes containers start from. On Linux it never runs. */
export function serviceSidekick(context: NodeContext): PlannedContainer {
  const { cluster, node, isWindows, path } = context;
  const image = cluster.config.systemImages.kubernetesServicesSidecar;
  if (!isWindows) {
    return planContainer(context, {
      name: sidekickName,
      image,
      entrypoint: ["/bin/bash"],
      networkMode: "none",
      starts: false,
    });
  }
  return planContainer(context, {
    name: sidekickName,
    image,
    entrypoint: powershell("sidecar"),
    env: distinct([
      ...windowsEnv(context),
      `RKE_NODE_NAME_OVERRIDE=${node.hostnameOverride}`,
      `RKE_NETWORK_CONFIGURATION=${networkJson(cluster.config.network)}`,
    ]),
    binds: [
      `${path("/opt")}:c:/host/opt`,
      `${path("/etc")}:c:/host/etc`,
      `${path("/etc/cni/net.d")}:c:/host/etc/cni/net.d`,
      `${path("/etc/kube-flannel")}:c:/host/etc/kube-flannel`,
      `${path("/run")}:c:/host/run`,
    ],
    restartPolicy: "always",
  });
}
