import type { Connection } from "../../provider/hosts/connection.ts";
import { Pool } from "../../provider/hosts/pool.ts";
import { Secret } from "../../provider/secrets.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { type Machines, makeCluster, nodeNameOf, toolsImage } from "./cluster.ts";
import { simulatedScripts } from "./scripts.ts";
import type { World } from "./world.ts";

/** Three machines of a fleet, with a cluster on them if one is wanted. */
export async function simulatedMachines({ cluster }: { cluster: boolean }): Promise<World> {
  const fleet = await aFleet({
    nodes: [1, 2, 3].map((index) => ({ name: nodeNameOf(index) })),
    images: [toolsImage],
    programs: simulatedScripts,
  });
  const machines: Machines = {
    addresses: fleet.nodes.map(({ machine }) => machine.address),
    connections: (address) => connectionTo(fleet, address),
    images: { missing: "registry.lab/contract/nothing:1", unreachable: "127.0.0.1:9/contract/nothing:1" },
  };
  fleet.faults.failPulls("not found", { what: /registry\.lab/ });
  fleet.faults.failPulls("no registry", { what: /127\.0\.0\.1:9/ });
  const pool = new Pool();
  const certificates = cluster ? await makeCluster(machines) : {};
  return {
    ...machines,
    pool,
    certificates,
    close: async () => {
      await pool.close();
      await fleet.close();
    },
  };
}

function connectionTo(fleet: Fleet, address: string): Connection {
  const node = fleet.nodes.find(({ machine }) => machine.address === address);
  if (node === undefined) throw new Error(`There is no machine at ${address}`);
  const { host, port, user, privateKey, hostKey } = node;
  return { host, port, user, hostKey, privateKey: new Secret(privateKey) };
}
