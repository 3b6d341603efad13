import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";

import { Container, type ContainerOrigin } from "./container.ts";
import { Disk, DiskError } from "./disk.ts";
import { dockerEngine } from "./docker-engine.ts";
import type { Listener } from "./network.ts";
import type { World } from "./world.ts";

/** The Docker engine of a machine: its version and the API versions it speaks. */
export interface Engine {
  readonly version: string;
  readonly apiVersion: string;
  readonly minApiVersion: string;
}

/** What the kernel and the system say about themselves. */
export interface Kernel {
  readonly release: string;
  readonly operatingSystem: string;
  readonly cgroupVersion: "1" | "2";
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  readonly modules: readonly string[];
  readonly securityOptions: readonly string[];
}

export interface MachineOptions {
  readonly name: string;
  readonly address: string;
  readonly hostname?: string;
  /** Content of /etc/machine-id; unset makes one of its own. */
  readonly machineId?: string;
  readonly internalAddress?: string;
  readonly engine?: Partial<Engine>;
  readonly kernel?: Partial<Kernel>;
  readonly diskBytes?: number;
  readonly clockOffsetMs?: number;
}

export interface Image {
  readonly id: string;
  readonly reference: string;
  readonly sizeBytes: number;
  readonly pulledAt: number;
}

/** One simulated machine. Everything in it is made when it is first needed, so that thousands fit. */
export class Machine {
  readonly world: World;
  readonly name: string;
  readonly hostname: string;
  readonly machineId: string;
  readonly address: string;
  readonly internalAddress: string;
  readonly engine: Engine;
  readonly kernel: Kernel;
  readonly disk: Disk;
  /** Takes milliseconds added to true time; certificates are judged by it. */
  clockOffsetMs: number;
  /** What a small write takes until it is safe. */
  fsyncMs = 2;
  isOn = true;
  /** When it was switched off; what others last heard of it is older. */
  offSince = 0;
  readonly containers = new Map<string, Container>();
  /** Names of containers that somebody else has put here. */
  readonly foreignNames = new Set<string>();
  readonly images = new Map<string, Image>();
  readonly listeners = new Map<number, Listener>();
  /** Connections of clients, which end with the power. */
  readonly connections = new Set<{ destroy(): unknown }>();
  #serial = 0;
  #docker: ((socket: Duplex) => void) | undefined;

  constructor(world: World, options: MachineOptions) {
    this.world = world;
    this.name = options.name;
    this.hostname = options.hostname ?? options.name;
    this.machineId = options.machineId ?? createHash("md5").update(options.address).digest("hex");
    this.address = options.address;
    this.internalAddress = options.internalAddress ?? options.address;
    this.engine = { version: "28.1.1", apiVersion: "1.49", minApiVersion: "1.24", ...options.engine };
    this.kernel = { ...ordinaryKernel, ...options.kernel };
    this.clockOffsetMs = options.clockOffsetMs ?? 0;
    this.disk = new Disk({
      now: () => this.now(),
      ...(options.diskBytes !== undefined && { sizeBytes: options.diskBytes }),
      onChange: (change, path) => world.journal.record({ node: this.name, kind: `file ${change}`, what: path }),
    });
  }

  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  /** By name (with or without Docker's slash), id, or unambiguous beginning of an id. */
  find(nameOrId: string): Container | undefined {
    const wanted = nameOrId.replace(/^\//, "");
    const all = [...this.containers.values()];
    const exact = all.find(({ id, name }) => id === wanted || name === wanted);
    if (exact !== undefined || !/^[0-9a-f]{4,}$/.test(wanted)) return exact;
    const beginnings = all.filter(({ id }) => id.startsWith(wanted));
    return beginnings.length === 1 ? beginnings[0] : undefined;
  }

  /** Puts a container on the machine; one that somebody else has put there is foreign. */
  create(origin: ContainerOrigin): Container {
    const container = new Container(this, origin);
    this.containers.set(container.id, container);
    if (container.isForeign) this.foreignNames.add(container.name);
    this.world.journal.record({
      node: this.name,
      kind: "container created",
      what: container.name,
      by: container.isForeign ? "world" : "client",
    });
    return container;
  }

  remove(container: Container, by: "client" | "world" = "client"): void {
    container.stop({ code: 137, by });
    this.containers.delete(container.id);
    this.world.journal.record({ node: this.name, kind: "container removed", what: container.name, by });
    container.removed();
  }

  /** Takes a port; the function returned gives it back. */
  listen(port: number, listener: Listener): () => void {
    if (this.listeners.has(port)) throw new DiskError(`listen tcp 0.0.0.0:${port}: bind: address already in use`);
    this.listeners.set(port, listener);
    return () => {
      if (this.listeners.get(port) === listener) this.listeners.delete(port);
    };
  }

  /** A client's connection to the Docker socket. */
  acceptDocker(socket: Duplex): void {
    this.#docker ??= dockerEngine(this);
    this.#docker(socket);
  }

  /** Ends everything at once; disks and containers stay, clients hear nothing more. */
  powerOff(): void {
    this.isOn = false;
    this.offSince = Date.now();
    for (const container of this.containers.values()) container.stop({ code: 137, by: "world" });
    for (const connection of this.connections) connection.destroy();
    this.connections.clear();
    this.listeners.clear();
    this.world.journal.record({ node: this.name, kind: "power off", what: this.name, by: "world" });
  }

  powerOn(): void {
    if (this.isOn) return;
    this.isOn = true;
    this.world.journal.record({ node: this.name, kind: "power on", what: this.name, by: "world" });
    for (const container of this.containers.values()) container.boot();
  }
}

const ordinaryKernel: Kernel = {
  release: "6.1.0-28-amd64",
  operatingSystem: "Debian GNU/Linux 12 (bookworm)",
  cgroupVersion: "2",
  cpus: 2,
  memoryBytes: 4 * 2 ** 30,
  swapBytes: 0,
  modules: ["br_netfilter", "ip_vs", "nf_conntrack", "overlay", "vxlan"],
  securityOptions: ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
};
