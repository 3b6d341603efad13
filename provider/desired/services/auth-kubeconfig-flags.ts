import type { Flags } from "../../releases/release.ts";
import type { ClusterContext } from "../cluster-context.ts";

/** Lets controller manager and scheduler check who asks for their metrics and health. */
export function authKubeconfigFlags({ release }: ClusterContext, kubeconfig: string): Flags {
  if (!release.controllersTakeAuthKubeconfig) return {};
  return { "authentication-kubeconfig": kubeconfig, "authorization-kubeconfig": kubeconfig };
}
