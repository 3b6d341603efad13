import type { PlannedContainer } from "../container-spec.ts";
import { type NodeContext, planContainer, sidekickName } from "../node-context.ts";
import { powershell, windowsEnv } from "./hyperkube.ts";

/** The way to the API servers on a node that has none: listens where an API server would, and passes on to all of them. */
export function nginxProxy(context: NodeContext): PlannedContainer {
  const { cluster, isWindows, path } = context;
  const hosts = cluster.controlPlaneNodes.map(({ internalAddress }) => internalAddress);
  const env = [`CP_HOSTS=${hosts.join(",")}`, ...(isWindows ? windowsEnv(context) : [])];
  return planContainer(context, {
    name: "nginx-proxy",
    image: cluster.config.systemImages.nginxProxy,
    entrypoint: isWindows ? powershell("nginx-proxy") : ["nginx-proxy"],
    // The environment is repeated as arguments, as RKE does; nothing reads them.
    cmd: env,
    env,
    restartPolicy: "always",
    ...(isWindows
      ? {
          binds: [`${path("/etc/nginx")}:c:/host/etc/nginx`, `${path("/run")}:c:/host/run`],
          volumesFrom: [sidekickName],
        }
      : { networkMode: "host" as const }),
  });
}
