import { inject } from "vitest";

import type { Connection } from "../../provider/hosts/connection.ts";
import { Pool } from "../../provider/hosts/pool.ts";
import type { Bundle } from "../../provider/pki/bundle.ts";
import { Secret } from "../../provider/secrets.ts";
import { login, nodeAddress } from "../lab/machines.ts";
import type { Machines } from "./cluster.ts";
import type { World } from "./world.ts";

/** The machines of the lab, on which the global setup has made a cluster for all test files together. */
export async function realMachines(): Promise<World> {
  const pool = new Pool();
  return { ...labMachines(), pool, certificates: certificates(), close: async () => pool.close() };
}

export function labMachines(): Machines {
  const { user, privateKey } = login();
  return {
    addresses: [1, 2, 3].map(nodeAddress),
    connections: (host): Connection => ({ host, port: 22, user, privateKey: new Secret(privateKey) }),
    images: {
      missing: `${nodeAddress(-8)}:5000/contract/nothing:1`,
      unreachable: "127.0.0.1:9/contract/nothing:1",
    },
  };
}

const certificates = (): Bundle =>
  Object.fromEntries(
    inject("certificates").map(({ name, certificate, key }) => [
      name,
      { name, certificate, key: new Secret(key), kubeconfig: undefined },
    ]),
  );
