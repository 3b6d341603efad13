import type { ClusterConfig } from "../../provider/config/cluster-config.ts";
import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import type { Bundle } from "../../provider/pki/bundle.ts";
import { filesOf } from "../../provider/pki/files.ts";
import { certificatesFor } from "../../provider/pki/names.ts";
import { Secret } from "../../provider/secrets.ts";

/**
 * Certificates that open nothing, made at once: each says what a real one would, and so changes when a real one would be
 * issued again. For tests that need thousands.
 */
export function paperBundle(config: ClusterConfig): Bundle {
  const entries = certificatesFor(pkiSubject(config)).map((spec) => {
    const { name, commonName, sans } = spec;
    const certificate = JSON.stringify([commonName, sans.dnsNames.toSorted(), sans.ipAddresses.toSorted()]);
    const { kubeconfigPath: path } = filesOf(name);
    const kubeconfig = path === undefined ? undefined : { path, text: new Secret(`kubeconfig of ${name}`) };
    return [name, { name, certificate, key: new Secret(`key of ${name}`), kubeconfig }] as const;
  });
  return Object.fromEntries(entries);
}
