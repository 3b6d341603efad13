import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { root, run } from "../test/support/run.mjs";

const require = createRequire(import.meta.url);

/**
 * Starts simulated machines in this process and writes down how they are reached. The simulator is that of the tests,
 * compiled for the occasion.
 */
export async function startFleet(folder, { nodes = 3, pace = { pullMs: 300, rolloutMs: 300 } } = {}) {
  run("npx", ["--no-install", "tsc", "-p", "quickstart/tsconfig.json"]);
  const { aFleet } = require(join(root, "node_modules/.cache/pulumi-rke-fleet/test/fleet/fleet.js"));
  const fleet = await aFleet({ nodes, pace });

  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "id"), fleet.nodes[0].privateKey, { mode: 0o600 });
  const inventory = join(folder, "hosts.yml");
  const hosts = hostsOf(fleet);
  writeInventory(inventory, hosts);
  return { fleet, inventory, hosts };
}

/** JSON is YAML. */
export const writeInventory = (file, hosts) =>
  writeFileSync(file, `[\n${hosts.map((host) => `  ${JSON.stringify(host)}`).join(",\n")}\n]\n`);

const hostsOf = ({ nodes }) =>
  nodes.map(({ host, port, user, machine }, index) => ({
    name: machine.name,
    host,
    port,
    address: machine.address,
    user,
    privateKeyFile: "id",
    roles: index === 0 ? ["etcd", "controlplane"] : ["worker"],
  }));
