import { readFiles } from "../certificates.ts";
import { KubeClient } from "../kube-client.ts";
import { kindOf } from "../kube-kinds.ts";
import type { JsonObject } from "../kube-object.ts";
import { component, healthz, join, persist, versionOf } from "./kube-component.ts";

/** kubelet: registers its Node as soon as an API server lets it, and only then; a Node deleted later stays deleted. */
const kubelet = component("kubelet", (process, flags) => {
  const { machine } = process;
  readFiles(process, { ca: flags.get("client-ca-file") ?? "" });
  const serving = flags.get("tls-cert-file");
  if (serving !== undefined) readFiles(process, { serving });
  const identity = (flags.get("hostname-override") ?? machine.hostname).toLowerCase();
  const self = join(process, { name: "kubelet", identity, kubeconfig: flags.get("kubeconfig") ?? "" });
  healthz(process, 10248, false);
  process.listen(10250, { accept: (socket) => socket.destroy() });
  const address = flags.get("node-ip") ?? machine.internalAddress;
  const kind = kindOf("nodes");
  persist(self, (store) => {
    const before = store.get(kind, undefined, identity);
    const labels = { "kubernetes.io/hostname": identity, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" };
    const status: JsonObject = {
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: identity },
      ],
      nodeInfo: {
        kubeletVersion: `v${versionOf(process)}`,
        containerRuntimeVersion: `docker://${machine.engine.version}`,
        kernelVersion: machine.kernel.release,
        osImage: machine.kernel.operatingSystem,
        operatingSystem: "linux",
        architecture: "amd64",
      },
      capacity: { cpu: String(machine.kernel.cpus), memory: `${machine.kernel.memoryBytes / 1024}Ki`, pods: "110" },
    };
    if (before === undefined) {
      const taints = taintsOf(flags.get("register-with-taints") ?? "");
      store.create(kind, {
        metadata: { name: identity, labels },
        spec: { ...(taints.length > 0 && { taints }) },
        status,
      });
      machine.world.journal.record({ node: machine.name, kind: "node registered", what: identity, by: "world" });
    } else {
      const metadata = { ...before.metadata, labels: { ...before.metadata.labels, ...labels } };
      store.update(kind, before, { ...before, metadata, status });
    }
    if (store.get(kindOf("leases"), "kube-node-lease", identity) === undefined) {
      store.create(kindOf("leases"), {
        metadata: { name: identity, namespace: "kube-node-lease" },
        spec: { holderIdentity: identity },
      });
    }
  });
  return undefined;
});

const kubeProxy = component("kube-proxy", (process, flags) => {
  new KubeClient(process, flags.get("kubeconfig") ?? "");
  healthz(process, 10256, false);
  return undefined;
});

const taintsOf = (text: string): readonly JsonObject[] =>
  text
    .split(",")
    .filter(Boolean)
    .map((taint) => {
      const [, key = "", value, effect = ""] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(taint) ?? [];
      return { key, ...(value !== undefined && { value }), effect };
    });

export const nodePrograms = [kubelet, kubeProxy];
