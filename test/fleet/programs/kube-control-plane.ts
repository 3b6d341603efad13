import { readFiles, type TlsFiles } from "../certificates.ts";
import { KubeApi } from "../kube-api.ts";
import { kindOf } from "../kube-kinds.ts";
import { KubeStore } from "../kube-store.ts";
import type { Process } from "../programs.ts";
import { tryUnfinished } from "../world.ts";
import { component, type Flags, healthz, join, minorOf, persist, stamp, versionOf } from "./kube-component.ts";

/** kube-apiserver: ends when a file is missing or no etcd answers, as the real one does. */
const apiServer = component("kube-apiserver", async (process, flags) => {
  const flag = (name: string): string => flags.get(name) ?? "";
  const tls: TlsFiles = readFiles(process, {
    ca: flag("client-ca-file"),
    cert: flag("tls-cert-file"),
    key: flag("tls-private-key-file"),
  });
  const etcdTls: TlsFiles = readFiles(process, {
    ca: flag("etcd-cafile"),
    cert: flag("etcd-certfile"),
    key: flag("etcd-keyfile"),
  });
  for (const [name, path] of flags) {
    if (otherFiles.has(name) && path !== "") readFiles(process, { [name]: path });
  }
  const api = new KubeApi(process, {
    tls,
    etcdTls,
    etcdServers: flag("etcd-servers").split(","),
    allowsAnonymous: flags.get("anonymous-auth") !== "false",
    version: versionOf(process),
  });
  try {
    seed((await api.store()).cluster, process);
  } catch (error) {
    process.log(`${stamp("F")} "command failed" err="error creating storage factory: ${(error as Error).message}"`);
    return 1;
  }
  process.listen(Number(flags.get("secure-port") ?? 6443), {
    accept: (socket) => api.accept(socket),
    service: () => api,
  });
  process.machine.world.journal.record({
    node: process.machine.name,
    kind: "api server ready",
    what: process.container.name,
    by: "world",
  });
  tryUnfinished(process.machine.world);
  return undefined;
});

const otherFiles = new Set([
  "admission-control-config-file",
  "audit-policy-file",
  "encryption-provider-config",
  "kubelet-client-certificate",
  "kubelet-client-key",
  "proxy-client-cert-file",
  "proxy-client-key-file",
  "requestheader-client-ca-file",
  "service-account-key-file",
  "service-account-signing-key-file",
  "authentication-token-webhook-config-file",
]);

const controllerManager = component("kube-controller-manager", (process, flags) => {
  readFiles(process, { ca: flags.get("root-ca-file") ?? "", key: flags.get("service-account-private-key-file") ?? "" });
  return leaderElected(process, "kube-controller-manager", { flags, port: minorOf(process) >= 22 ? 10257 : 10252 });
});

const scheduler = component("kube-scheduler", (process, flags) =>
  leaderElected(process, "kube-scheduler", { flags, port: minorOf(process) >= 23 ? 10259 : 10251 }),
);

function leaderElected(
  process: Process,
  name: "kube-controller-manager" | "kube-scheduler",
  { flags, port }: { readonly flags: Flags; readonly port: number },
): undefined {
  const identity = process.machine.hostname;
  const self = join(process, { name, identity, kubeconfig: flags.get("kubeconfig") ?? "" });
  healthz(process, port, port > 10_255);
  persist(self, (store) => {
    const metadata = { name, namespace: "kube-system" };
    if (store.get(kindOf("leases"), "kube-system", name) !== undefined) return;
    store.create(kindOf("leases"), { metadata, spec: { holderIdentity: identity, leaseDurationSeconds: 15 } });
  });
  return undefined;
}

/** What the first API server of a cluster makes. */
function seed(cluster: KubeStore["cluster"], { machine }: Process): void {
  const store = new KubeStore(cluster, () => machine.now());
  const kind = kindOf("namespaces");
  for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"]) {
    if (store.get(kind, undefined, name) === undefined) store.create(kind, { metadata: { name } });
  }
}

export const controlPlanePrograms = [apiServer, controllerManager, scheduler];
