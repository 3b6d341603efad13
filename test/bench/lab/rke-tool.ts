import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump } from "js-yaml";

import { home, login, nodeAddress, nodeName } from "../../lab/machines.ts";
import { ownConntrack, type Wanted } from "../../lab/program.ts";
import type { Tool } from "./tool.ts";

interface RkeTool extends Tool {
  /** What it knows of the cluster. */
  rkeState(): string;
  /** Has it know something else from now on. */
  believe(rkeState: string): void;
}

/** The peer: the binary `rke`, with a `cluster.yml` that says the same as our program. */
export function rkeTool(binary: string): RkeTool {
  const folder = mkdtempSync(join(tmpdir(), "rke-"));
  const file = join(folder, "cluster.yml");
  const stateFile = join(folder, "cluster.rkestate");
  return {
    name: "rke",
    async apply(wanted) {
      writeFileSync(file, clusterYml(wanted));
      await run(binary, ["up", "--config", file]);
    },
    // It has no other way to look.
    look: () => run(binary, ["up", "--config", file]),
    destroy: () => run(binary, ["remove", "--force", "--config", file]),
    kubeconfig: () => readFileSync(join(folder, "kube_config_cluster.yml"), "utf8"),
    rkeState: () => readFileSync(stateFile, "utf8"),
    believe: (rkeState) => writeFileSync(stateFile, rkeState, { mode: 0o600 }),
    logs: () => "",
    async close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What people write for `rke`, for the same cluster as `labProgram` makes. */
export function clusterYml({ kubernetesVersion, nodes, endpoint }: Wanted): string {
  return dump({
    cluster_name: "lab",
    kubernetes_version: kubernetesVersion,
    ssh_key_path: join(home, "id"),
    nodes: Object.entries(nodes).map(([index, role]) => ({
      address: nodeAddress(Number(index)),
      hostname_override: nodeName(Number(index)),
      user: login().user,
      role: [...role],
    })),
    network: { plugin: "flannel" },
    ingress: { provider: "none" },
    services: { kubeproxy: { extra_args: ownConntrack } },
    ...(endpoint !== undefined && { authentication: { sans: [endpoint] } }),
  });
}

function run(binary: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    let printed = "";
    const keep = (chunk: Buffer): void => {
      printed += chunk.toString("utf8");
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`rke ${words[0]}: ${code}\n${printed}`))));
  });
}
