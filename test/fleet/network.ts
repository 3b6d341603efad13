import type { Duplex } from "node:stream";

import type { Machine } from "./machine.ts";

/** Something that waits for connections on a port of a machine. */
export interface Listener {
  readonly owner: string;
  /** The only address it is bound to: an etcd that listens on the internal one is not found at 127.0.0.1. */
  readonly boundTo?: string;
  accept(socket: Duplex): void;
  /** What programs of the fleet talk to directly, without bytes on a wire; a proxy answers for its upstream. */
  service?(): unknown;
}

export type Dialled = Listener | "refused" | "timeout";

/** Which machine answers at which logical address, and who may talk to whom. */
export class Network {
  readonly #byName = new Map<string, Machine>();
  readonly #cuts = new Set<string>();

  join(machine: Machine): void {
    for (const name of [machine.name, machine.hostname, machine.address, machine.internalAddress]) {
      this.#byName.set(name, machine);
    }
  }

  /** Separates two machines, or a machine from all others. */
  partition(from: string, to?: string): void {
    this.#cuts.add(to === undefined ? from : pair(from, to));
  }

  /** Ends one partition, or all. */
  heal(from?: string, to?: string): void {
    if (from === undefined) this.#cuts.clear();
    else this.#cuts.delete(to === undefined ? from : pair(from, to));
  }

  connects(from: Machine, to: Machine): boolean {
    if (!from.isOn || !to.isOn) return false;
    if (from === to) return true;
    return !(this.#cuts.has(from.name) || this.#cuts.has(to.name) || this.#cuts.has(pair(from.name, to.name)));
  }

  dial(from: Machine, host: string, port: number): Dialled {
    const bare = host.replace(/^\[|\]$/g, "");
    const isSelf = bare === "localhost" || bare === "::1" || bare.startsWith("127.");
    const to = isSelf ? from : this.#byName.get(bare);
    if (to === undefined || !this.connects(from, to)) return "timeout";
    const listener = to.listeners.get(port);
    // Public addresses lead to the internal one, as clouds translate them.
    const arrivesAt = isSelf ? "127.0.0.1" : to.internalAddress;
    return listener === undefined || (listener.boundTo ?? arrivesAt) !== arrivesAt ? "refused" : listener;
  }
}

const pair = (a: string, b: string): string => [a, b].sort().join(" | ");

/** `https://10.0.0.1:2379` → host and port, the port of the scheme when none is written. */
export function endpointOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}
