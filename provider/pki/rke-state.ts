import { Secret } from "../secrets.ts";
import type { Bundle, BundleCertificate } from "./bundle.ts";
import { filesOf } from "./files.ts";
import { KUBE_ADMIN, KUBE_NODE, SERVICE_ACCOUNT_TOKEN } from "./names.ts";

/** A certificate as `cluster.rkestate` holds it, under `certificatesBundle`: keys in clear, absence as an empty text. */
export interface RkeStateCertificate {
  readonly certificatePEM: string;
  readonly keyPEM: string;
  readonly config: string;
  readonly name: string;
  /** What RKE remembers; what the certificate says may differ. */
  readonly commonName: string;
  /** Holds the organisation. */
  readonly ouName: string;
  readonly envName: string;
  readonly path: string;
  readonly keyEnvName: string;
  readonly keyPath: string;
  readonly configEnvName: string;
  readonly configPath: string;
}

export type RkeStateBundle = Readonly<Record<string, RkeStateCertificate>>;

/** The bundle in the words of `cluster.rkestate`, names in order as Go writes them. A secret as a whole. */
export function toRkeState(bundle: Bundle): Secret<RkeStateBundle> {
  const names = Object.keys(bundle).sort();
  return new Secret(Object.fromEntries(names.flatMap((name) => (bundle[name] ? [[name, toRke(bundle[name])]] : []))));
}

/** Reads what RKE or `toRkeState` wrote. Everything but PEM texts and kubeconfigs follows from the name, and is left. */
export function fromRkeState(certificates: Readonly<Record<string, Partial<RkeStateCertificate>>>): Bundle {
  const entries = Object.entries(certificates).filter(([, { certificatePEM = "" }]) => certificatePEM !== "");
  return Object.fromEntries(entries.map(([name, certificate]) => [name, fromRke(name, certificate)]));
}

/** What RKE writes down as a certificate's common name and organisation, which is not always what is in it. */
export function recordedNames(name: string): { readonly commonName: string; readonly ouName: string } {
  return RECORDED[name] ?? { commonName: `system:${name}`, ouName: "" };
}

const RECORDED: Readonly<Record<string, { readonly commonName: string; readonly ouName: string }>> = {
  [KUBE_ADMIN]: { commonName: "kube-admin", ouName: "system:masters" },
  [KUBE_NODE]: { commonName: "system:node", ouName: "system:nodes" },
  [SERVICE_ACCOUNT_TOKEN]: { commonName: SERVICE_ACCOUNT_TOKEN, ouName: "" },
};

function toRke({ name, certificate, key, kubeconfig }: BundleCertificate): RkeStateCertificate {
  const { path, keyPath, envName, keyEnvName, kubeconfigEnvName } = filesOf(name);
  return {
    certificatePEM: certificate,
    keyPEM: key?.unwrap() ?? "",
    config: kubeconfig?.text.unwrap() ?? "",
    name,
    ...recordedNames(name),
    envName,
    path,
    keyEnvName,
    keyPath,
    configEnvName: kubeconfigEnvName ?? "",
    configPath: kubeconfig?.path ?? "",
  };
}

function fromRke(name: string, certificate: Partial<RkeStateCertificate>): BundleCertificate {
  const { certificatePEM = "", keyPEM = "", config = "", configPath = "" } = certificate;
  return {
    name,
    certificate: certificatePEM,
    key: keyPEM === "" ? undefined : new Secret(keyPEM),
    kubeconfig: config === "" ? undefined : { path: configPath, text: new Secret(config) },
  };
}
