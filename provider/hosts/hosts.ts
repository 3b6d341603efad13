import type { Connection } from "./connection.ts";
import { Host } from "./host.ts";
import type { Pool } from "./pool.ts";

export interface HostsOptions {
  /** How each machine is reached, by its address. */
  readonly connections: (address: string) => Connection;
  readonly pool: Pool;
  /** What people call a machine. */
  readonly nameOf: (address: string) => string;
}

/** The machines of an operation by their addresses, each made when it is first asked for, and kept with all it has open. */
export class Hosts {
  readonly #options: HostsOptions;
  readonly #known = new Map<string, Host>();

  constructor(options: HostsOptions) {
    this.#options = options;
  }

  at(address: string): Host {
    const { connections, pool, nameOf } = this.#options;
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const made = new Host({ name: nameOf(address), connection: connections(address), pool });
    this.#known.set(address, made);
    return made;
  }

  /** Ends what the hosts have open. The SSH connections are the pool's. */
  close(): void {
    for (const host of this.#known.values()) host.close();
  }
}
