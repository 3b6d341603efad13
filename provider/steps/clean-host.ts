import type { ContainerInfo } from "dockerode";

import { prefixed } from "../desired/paths.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { cleanScript } from "./clean-script.ts";
import { isOfCluster, isOfPod, nameOf } from "./cluster-containers.ts";
import { hasImage } from "./image.ts";
import { helperNames } from "./our-containers.ts";
import { runOnce } from "./run-once.ts";
import { defineStep } from "./step.ts";

export interface CleanHostParams {
  readonly node: string;
  readonly prefixPath: string;
  /** Leaves the data of etcd where they are. */
  readonly keepEtcdData?: boolean;
  /** Images to clean with, unless the machine's own containers have a fitting one: the first has the tools of kube-proxy. */
  readonly kubernetesImage: string;
  readonly toolsImage: string;
}

/**
 * Makes a machine as it was before the cluster: containers of the cluster and of its pods, directories, mounts, interfaces
 * and firewall rules go. Images stay, and so do etcd's snapshots in /opt/rke.
 */
export const cleanHost = defineStep<CleanHostParams>("clean-host", {
  title: ({ keepEtcdData }) =>
    keepEtcdData === true ? "clean the machine, but keep etcd's data" : "clean the machine",

  async run(params, context) {
    const { node } = params;
    const listed = await context.docker(node).list({ signal: context.signal });
    const image = await cleanerImage(params, { listed, context });
    const removed = await removeContainers(listed, { node, context });
    const { done, left } = await clean(params, { image, context });
    if (left.length === 0) return removed || done ? "changed" : "unchanged";
    throw new RkeError("docker", {
      doing: "clean the machine",
      node: context.nameOf(node),
      because: `something is left: ${left.join("; ")}`,
      hint: "Reboot the machine, which frees what is in use, and run it again",
    });
  },
});

interface Cleaning {
  readonly listed: readonly ContainerInfo[];
  readonly context: Context;
}

/** Prefers what is there: the machine leaves, and nothing should be pulled for that. */
async function cleanerImage(
  { node, kubernetesImage, toolsImage }: CleanHostParams,
  { listed, context }: Cleaning,
): Promise<string> {
  const own = listed.find(
    (container) => ["kube-proxy", "kubelet"].includes(nameOf(container)) && isOfCluster(container),
  );
  if (own !== undefined) return own.Image;
  const isThere = await hasImage({ node, image: kubernetesImage }, context);
  return isThere ? kubernetesImage : toolsImage;
}

/** The kubelet first, which would make pods again; then everything at once. */
async function removeContainers(
  listed: readonly ContainerInfo[],
  { node, context }: { node: string; context: Context },
): Promise<boolean> {
  const docker = context.docker(node);
  const { signal } = context;
  const due = listed.filter((container) => isOfCluster(container) || isOfPod(container));
  const kubelets = due.filter((container) => /^(old-)?kubelet$/.test(nameOf(container)));
  const others = due.filter((container) => !kubelets.includes(container));
  for (const together of [kubelets, others]) {
    await Promise.all(together.map(({ Id }) => docker.remove(Id, { signal })));
  }
  return due.length > 0;
}

async function clean(
  params: CleanHostParams,
  { image, context }: { image: string; context: Context },
): Promise<{ readonly done: boolean; readonly left: readonly string[] }> {
  const spec = {
    name: helperNames.cleaner,
    image,
    entrypoint: ["sh", "-c", cleanScript, "clean"],
    cmd: directoriesOf(params),
    networkMode: "host",
    pidMode: "host",
    privileged: true,
  } as const;
  const doing = "clean the machine";
  const { stdout } = await runOnce(params.node, spec, { context, doing, limitMs: 600_000 });
  const lines = stdout.split("\n");
  const left = lines.flatMap((line) => (line.startsWith("left ") ? [line.slice(5)] : []));
  return { done: lines.some((line) => line.startsWith("removed ")), left };
}

/** What RKE empties, and what it leaves behind. The prefix is not for all of them. */
function directoriesOf({ prefixPath, keepEtcdData = false }: CleanHostParams): readonly string[] {
  const below = [
    "/etc/kubernetes",
    ...(keepEtcdData ? [] : ["/var/lib/etcd"]),
    "/var/lib/kubelet",
    "/var/lib/cni",
    "/var/lib/cri-dockerd",
    "/var/log/kube-audit",
  ].map((path) => prefixed(prefixPath, path));
  return [...new Set([...below, ...elsewhere])];
}

const elsewhere = [
  "/etc/cni",
  "/opt/cni",
  "/run/calico",
  "/run/flannel",
  "/run/secrets/kubernetes.io",
  "/var/lib/calico",
  "/var/lib/kubelet",
  "/var/lib/rancher/rke/log",
  "/var/lib/weave",
  "/var/log/containers",
  "/var/log/pods",
];
