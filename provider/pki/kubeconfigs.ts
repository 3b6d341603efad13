import { RkeError } from "../errors.ts";
import { Secret } from "../secrets.ts";
import type { BundleCertificate } from "./bundle.ts";
import { filesOf } from "./files.ts";
import { adminKubeconfig, componentKubeconfig, sameKubeconfig } from "./kubeconfig.ts";
import { KUBE_ADMIN, KUBE_CA, type PkiSubject } from "./names.ts";

/** What of a cluster its kubeconfigs show. */
type KubeconfigSubject = Pick<PkiSubject, "clusterName" | "controlPlane" | "kubeConfigPath">;

type Certificates = ReadonlyMap<string, BundleCertificate>;

/** Gives a certificate the kubeconfig it should have. One that says the same already is kept as it is written. */
export function withKubeconfig(
  entry: BundleCertificate,
  certificates: Certificates,
  subject: KubeconfigSubject,
): BundleCertificate {
  const usual = filesOf(entry.name).kubeconfigPath;
  if (usual === undefined) {
    return entry;
  }
  const isAdmin = entry.name === KUBE_ADMIN;
  const path = (isAdmin ? (subject.kubeConfigPath ?? entry.kubeconfig?.path) : undefined) ?? usual;
  const text = isAdmin ? adminText(entry, certificates, subject) : componentKubeconfig(entry.name);
  const found = entry.kubeconfig;
  const isSame = found !== undefined && found.path === path && sameKubeconfig(found.text.unwrap(), text);
  return isSame ? entry : { ...entry, kubeconfig: { path, text: new Secret(text) } };
}

function adminText(
  { certificate, key }: BundleCertificate,
  certificates: Certificates,
  { clusterName, controlPlane }: KubeconfigSubject,
): string {
  const ca = certificates.get(KUBE_CA);
  const [first] = controlPlane;
  if (ca === undefined || key === undefined || first === undefined) {
    const because = first === undefined ? "the cluster has no control plane node" : "a certificate or key is missing";
    throw new RkeError("config", { doing: "write the admin kubeconfig", because });
  }
  return adminKubeconfig({
    clusterName,
    address: first.address,
    ca: ca.certificate,
    certificate,
    key: key.unwrap(),
  });
}
