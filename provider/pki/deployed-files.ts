import { Secret } from "../secrets.ts";
import type { Bundle, BundleCertificate } from "./bundle.ts";
import { certificatesOf, filesOf, type PkiNode } from "./files.ts";

/** One file that a node gets, and the name of the variable in which RKE's cert-deployer expects it. */
export interface DeployedFile {
  readonly path: string;
  readonly envName: string;
  /** Secret even where it is not, so that nobody has to think about it. */
  readonly content: Secret<string>;
}

/** The certificates, keys and kubeconfigs of one node, in the order of the bundle. Paths are without a prefix. */
export function deployedFiles(
  node: PkiNode,
  bundle: Bundle,
  options: { peers?: "own" | "all" } = {},
): readonly DeployedFile[] {
  return certificatesOf(node, Object.keys(bundle), options).flatMap(({ name, withKey }) => {
    const entry = bundle[name];
    return entry === undefined ? [] : filesFrom(entry, { withKey });
  });
}

function filesFrom(
  { name, certificate, key, kubeconfig }: BundleCertificate,
  { withKey }: { withKey: boolean },
): DeployedFile[] {
  const { path, envName, keyPath, keyEnvName, kubeconfigEnvName } = filesOf(name);
  return [
    { path, envName, content: new Secret(certificate) },
    ...(withKey && key !== undefined ? [{ path: keyPath, envName: keyEnvName, content: key }] : []),
    ...(kubeconfig !== undefined && kubeconfigEnvName !== undefined
      ? [{ path: kubeconfig.path, envName: kubeconfigEnvName, content: kubeconfig.text }]
      : []),
  ];
}
