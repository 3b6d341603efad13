// The time and memory of `pulumi-rke plan FILE --json` as a process of its own, for a cluster of N nodes.
import { spawnSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

export async function bench({ nodes = "1000" }) {
  const count = Number(nodes);
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-bench-"));
  try {
    const file = join(folder, "cluster.yml");
    writeFileSync(file, clusterYml(count));
    const started = process.hrtime.bigint();
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        "--require",
        join(import.meta.dirname, "report-usage.cjs"),
        join(root, "dist/provider/cli/main.js"),
        "plan",
        file,
        "--json",
      ],
      {
        stdio: ["ignore", openSync(join(folder, "plan.json"), "w"), "pipe"],
        encoding: "utf8",
      },
    );
    const wallMs = Math.round(Number(process.hrtime.bigint() - started) / 1e6);
    if (status !== 0) throw new Error(stderr);
    const usage = JSON.parse(stderr.trim().split("\n").at(-1));
    return { nodes: count, cpuMs: usage.cpuMs, wallMs, rssMb: usage.rssMb };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Three control planes, five etcd members, and workers with the labels that a cloud would give them. */
function clusterYml(count) {
  const node = (index) => {
    const role = index < 3 ? "[controlplane, etcd]" : index < 5 ? "[etcd]" : "[worker]";
    const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    return [
      `- address: 198.18.${(index >> 8) & 255}.${index & 255}`,
      `  internal_address: ${address}`,
      `  hostname_override: node-${index}`,
      "  user: ubuntu",
      `  role: ${role}`,
      `  labels: {topology.kubernetes.io/zone: zone-${index % 3}, node.example.com/rack: "${index % 40}"}`,
    ].join("\n");
  };
  return `kubernetes_version: v1.31.4-rancher1-1\nnodes:\n${Array.from({ length: count }, (_, index) => node(index)).join("\n")}\n`;
}
