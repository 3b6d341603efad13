import { posix } from "node:path";

import type { DockerFacts } from "./docker-facts.ts";
import { isWindows } from "./docker-facts.ts";

export const cloudConfigPath = "/etc/kubernetes/cloud-config";
export const webhookPath = "/etc/kubernetes/kube-api-authn-webhook.yaml";
export const admissionPath = "/etc/kubernetes/admission.yaml";
export const auditPolicyPath = "/etc/kubernetes/audit-policy.yaml";
export const encryptionPath = "/etc/kubernetes/ssl/encryption.yaml";

/** A directory of RKE's on the machine, below its prefix. */
export const prefixed = (prefixPath: string, path: string): string => posix.join(prefixPath, path);

/**
 * The prefix of RKE's directories on a machine. Systems whose root is not writable get one of their own, unless the
 * configuration names one.
 */
export function prefixPathOf(
  { prefixPath, winPrefixPath }: { readonly prefixPath: string; readonly winPrefixPath?: string | undefined },
  docker: DockerFacts,
): string {
  if (isWindows(docker)) return windowsPrefix(winPrefixPath || (prefixPath === "/" ? "c:/" : prefixPath));
  if (prefixPath !== "/") return prefixPath;
  return systemPrefixes.find(([system]) => docker.operatingSystem.includes(system))?.[1] ?? "/";
}

const systemPrefixes: readonly (readonly [string, string])[] = [
  ["Boot2Docker", "/mnt/sda1/rke"],
  ["RancherOS", "/opt/rke"],
  ["CoreOS", "/opt/rke"],
  ["Flatcar", "/opt/rke"],
];

/** RKE folds repeated backslashes and ends a bare drive with one. */
function windowsPrefix(path: string): string {
  const folded = path.replaceAll(/\\+/g, "\\");
  return /^[A-Za-z]:$/.test(folded) ? `${folded}\\` : folded;
}
