import { spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { lab, labScript, onNode } from "../../lab/machines.ts";
import type { Wanted } from "../../lab/program.ts";
import { pulumiTool } from "./pulumi-tool.ts";

const kubernetesVersion = "v1.31.4-rancher1-1";

/** Fills the etcd of a cluster of one machine, and takes a snapshot in both ways, each twice. */
export async function benchLabBackup({ mb }: { readonly mb: number }): Promise<object> {
  for (const words of [["build"], ["up", "1"], ["reset", "1"], ["pull", kubernetesVersion]]) lab(...words);
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-bench-"));
  const tool = await pulumiTool();
  const wanted: Wanted = {
    kubernetesVersion,
    nodes: { 1: ["etcd", "controlplane", "worker"] },
    services: { etcd: { extraArgs: { "quota-backend-bytes": String(8 * 2 ** 30) } } },
  };
  const storage = { folder: join(folder, "ours") };
  try {
    await tool.apply(wanted);
    onNode(1, filled(mb));
    const rounds = [];
    for (const round of [1, 2]) {
      const byHandMs = await took(() => savedByHand(join(folder, "by-hand.db")));
      const memory = watchMemory();
      const oursMs = await took(() =>
        tool.apply({ ...wanted, backup: { storage, triggers: [round], retain: "delete" } }),
      );
      rounds.push({ byHandMs, oursMs, ratio: Math.round((oursMs / byHandMs) * 100) / 100, mostMb: memory.stop() });
    }
    const databaseMb = Math.round(statSync(join(folder, "by-hand.db")).size / 2 ** 20);
    await tool.destroy();
    return { databaseMb, rounds };
  } finally {
    await tool.close();
    rmSync(folder, { recursive: true });
  }
}

/** Puts megabytes of noise into etcd, through the door that is open on its machine. */
const filled = (mb: number): string => `set -o pipefail
cd /etc/kubernetes/ssl
for number in $(seq ${mb}); do
  { printf '{"key":"%s","value":"' "$(printf /fill/$number | base64 -w0)"; head -c 1000000 /dev/urandom | base64 -w0; printf '"}'; } |
    curl -sSf --cacert kube-ca.pem --cert kube-node.pem --key kube-node-key.pem -d @- https://127.0.0.1:2379/v3/kv/put >/dev/null
done`;

async function savedByHand(file: string): Promise<void> {
  const onMachine = "/var/lib/etcd/by-hand.db";
  onNode(1, `rm -f ${onMachine}; docker exec etcd etcdctl snapshot save /var/lib/rancher/etcd/by-hand.db`);
  const copy = spawn(labScript, ["ssh", "1", `cat ${onMachine}`], { stdio: ["ignore", "pipe", "inherit"] });
  await pipeline(copy.stdout, createWriteStream(file));
  onNode(1, `rm ${onMachine}`);
}

async function took(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return Math.round(performance.now() - started);
}

/** The most that the provider's process has had, by the kernel's own count. */
function watchMemory(): { stop(): number } {
  let mostKb = 0;
  const timer = setInterval(() => {
    mostKb = Math.max(mostKb, ...readdirSync("/proc").filter(isProvider).map(peakKbOf));
  }, 200);
  return {
    stop() {
      clearInterval(timer);
      return Math.round(mostKb / 1024);
    },
  };
}

const isProvider = (pid: string): boolean =>
  /^\d+$/.test(pid) && textAt(`/proc/${pid}/cmdline`).includes("dynamic-provider");

const peakKbOf = (pid: string): number => Number(/VmHWM:\s+(\d+)/.exec(textAt(`/proc/${pid}/status`))?.[1] ?? 0);

/** Processes end while one looks at them. */
function textAt(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
