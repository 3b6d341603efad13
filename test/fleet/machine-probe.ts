import { restoreMarkerPath } from "../../provider/steps/restore-marker.ts";
import type { Machine } from "./machine.ts";

/** What a machine's shell answers to the script of `provider/observed/probe-script.ts`: the same words, by other means. */
export function probeAnswer(machine: Machine, command: string): string {
  const { disk, kernel } = machine;
  const prefixes = [...(command.split(" pulumi-rke-probe ")[1] ?? "").matchAll(/'([^']*)'/g)].map(([, path]) => path);
  const now = `${machine.now()}000000`;
  const usedKb = Math.ceil(disk.usedBytes / 1024);
  const totalKb = Math.floor(disk.sizeBytes / 1024);
  const space = `/dev/vda1 ${totalKb} ${usedKb} ${totalKb - usedKb} ${Math.floor((100 * usedKb) / totalKb)}% /`;
  const hasBridge = kernel.modules.includes("br_netfilter");
  const directories = ["/etc/kubernetes", "/var/lib/etcd", "/var/lib/kubelet", "/var/lib/cni"];
  const below = prefixes.flatMap((prefix) => directories.map((directory) => `${prefix}${directory}`));
  return [
    `clock ${now}`,
    `hostname ${machine.hostname}`,
    `machine-id ${machine.machineId}`,
    `swap ${kernel.swapBytes / 1024}`,
    `cgroup ${kernel.cgroupVersion === "2" ? "cgroup2fs" : "tmpfs"}`,
    ...["/", "/var/lib/docker", "/opt/rke/etcd-snapshots", ...prefixes.map((prefix) => `${prefix}/var/lib/etcd`)].map(
      (p) => `disk ${p}|${space}`,
    ),
    `mount ${space}`,
    `br_netfilter ${hasBridge ? "loaded" : "missing"}`,
    "sysctl net/ipv4/ip_forward 1",
    "address lo 127.0.0.1/8",
    ...new Set([`address eth0 ${machine.internalAddress}/24`, `address eth0 ${machine.address}/24`]),
    "address docker0 172.17.0.1/16",
    "listen 0 128 0.0.0.0:22 0.0.0.0:*",
    ...[...machine.listeners].map(([port, { owner }]) => `listen 0 4096 *:${port} *:* users:(("${owner}",pid=1,fd=3))`),
    ...["/etc/cni", "/opt/cni", "/var/lib/calico", ...below]
      .filter((directory) => disk.list(directory).length > 0)
      .map((directory) => `holds ${directory}`),
    ...snapshotsOn(machine),
    ...certificatesBelow(
      machine,
      prefixes.find((prefix) => machine.disk.stat(caBelow(prefix)) !== undefined),
    ),
    `clock-end ${now}`,
    "",
  ].join("\n");
}

/** Newest first; folders below are not looked into. */
function snapshotsOn({ disk }: Machine): readonly string[] {
  const folder = "/opt/rke/etcd-snapshots";
  const files = disk.list(folder).flatMap((path) => {
    const file = disk.stat(path);
    return file === undefined || path.slice(folder.length + 1).includes("/")
      ? []
      : [{ path, content: file.content, modifiedAtMs: file.modifiedAtMs ?? 0 }];
  });
  const lines = files
    .toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs)
    .map(({ path, content, modifiedAtMs }) => `snapshot ${content.length} ${Math.floor(modifiedAtMs / 1000)} ${path}`);
  return ["snapshots seen", ...lines];
}

const caBelow = (prefix = ""): string => `${prefix}/etc/kubernetes/ssl/kube-ca.pem`;

/** The user is not root: what only root may read stays unread. */
function certificatesBelow({ disk }: Machine, prefix: string | undefined): readonly string[] {
  const ca = disk.stat(caBelow(prefix));
  if (prefix === undefined || ca === undefined) return [];
  const marker = disk.stat(`${prefix}/etc/kubernetes/ssl/.pulumi-rke.json`);
  const lines = (key: string, file: typeof ca | undefined): readonly string[] =>
    file === undefined || (file.mode & 0o004) === 0
      ? []
      : file.content
          .toString("utf8")
          .trimEnd()
          .split("\n")
          .map((line) => `${key} ${line}`);
  const restore = disk.stat(`${prefix}${restoreMarkerPath}`);
  return [
    `ca-mode ${ca.mode.toString(8)}`,
    ...lines("ca", ca),
    ...lines("marker", marker),
    ...lines("restore", restore),
  ];
}
