import type { Duplex } from "node:stream";

import { preload } from "./docker-images.ts";
import { Faults } from "./faults.ts";
import { Invariants } from "./invariants.ts";
import { Journal } from "./journal.ts";
import { Machine, type MachineOptions } from "./machine.ts";
import { probeAnswer } from "./machine-probe.ts";
import { Network } from "./network.ts";
import { etcd } from "./programs/etcd.ts";
import { backupPrograms } from "./programs/etcd-backup.ts";
import { controlPlanePrograms } from "./programs/kube-control-plane.ts";
import { nodePrograms } from "./programs/kube-node.ts";
import { nodeTools } from "./programs/node-tools.ts";
import { pulumiRkePrograms } from "./programs/pulumi-rke.ts";
import { restoreProgram } from "./programs/restore.ts";
import type { Program } from "./programs.ts";
import { type ExecAnswer, type Handler, type Refusal, type SshServer, sshKeyPair, sshServer } from "./ssh-server.ts";
import { Trips } from "./trips.ts";
import { type ImageConfig, type Pace, quickPace, type Registry, type World } from "./world.ts";

export interface FleetOptions {
  /** How many machines, named node-1, node-2, … at 10.0.0.1, …; or each of them by itself. */
  readonly nodes: number | readonly (Partial<MachineOptions> & { readonly name: string })[];
  /** Images that all machines have from the start. */
  readonly images?: readonly string[];
  readonly pace?: Partial<Pace>;
  /** What the test's own helper containers do; asked before the built-in programs. */
  readonly programs?: readonly Program[];
  readonly registries?: Readonly<Record<string, Registry>>;
  readonly imageConfigs?: Readonly<Record<string, ImageConfig>>;
  readonly needsNetworkPlugin?: boolean;
}

/** What a client needs to reach a machine; all are on 127.0.0.1, told apart by the port. */
export interface Login {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** As a line of known_hosts without the name. */
  readonly hostKey: string;
}

export interface FleetNode extends Login {
  readonly machine: Machine;
  readonly ssh: SshServer;
}

export interface Fleet {
  readonly nodes: readonly FleetNode[];
  /** By name; throws for a name that is not in the fleet. */
  node(name: string): FleetNode;
  readonly world: World;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly trips: Trips;
  readonly invariants: Invariants;
  readonly network: Network;
  /** Sets what each round trip takes, in real time; holds for connections made from now on. */
  latency(latencyMs: number): void;
  powerOff(name: string): void;
  powerOn(name: string): void;
  /** Cuts every connection of clients, as a crash of theirs does. */
  disconnectAll(): void;
  /** Lets clients in again after `faults.dieAfter`. */
  revive(): void;
  close(): Promise<void>;
}

/** Starts simulated machines that speak SSH, the Docker API, etcd's gateway and the Kubernetes API. */
export async function aFleet(options: FleetOptions): Promise<Fleet> {
  const timers = new Set<NodeJS.Timeout>();
  const machines: Machine[] = [];
  const journal = new Journal();
  const trips = new Trips();
  const network = new Network();
  const nodes: FleetNode[] = [];
  const disconnectAll = (): void => {
    for (const { ssh } of nodes) ssh.drop();
  };
  const faults = new Faults(() => {
    for (const { ssh } of nodes) ssh.faults.onConnect = "close";
    disconnectAll();
  });
  const world: World = {
    pace: { ...quickPace, ...options.pace },
    journal,
    trips,
    faults,
    network,
    machines,
    programs: [
      ...nodeTools,
      ...controlPlanePrograms,
      ...nodePrograms,
      etcd,
      ...backupPrograms,
      ...pulumiRkePrograms,
      restoreProgram,
      ...(options.programs ?? []),
    ],
    needsNetworkPlugin: options.needsNetworkPlugin ?? false,
    registries: new Map(Object.entries(options.registries ?? {})),
    objectStore: new Map(),
    etcdClusters: new Map(),
    unfinished: new Set(),
    imageConfig: (reference) => options.imageConfigs?.[reference] ?? usualConfig(reference),
    after: (delayMs, deed) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        deed();
      }, delayMs);
      timers.add(timer);
      return () => {
        clearTimeout(timer);
        timers.delete(timer);
      };
    },
  };
  const invariants = new Invariants(world);
  const key = sshKeyPair();
  for (const machineOptions of machineOptionsOf(options.nodes)) {
    const machine = new Machine(world, machineOptions);
    for (const image of options.images ?? []) preload(machine, image);
    machines.push(machine);
    network.join(machine);
  }
  nodes.push(...(await Promise.all(machines.map((machine) => reachable(machine, key)))));

  const node = (name: string): FleetNode => {
    const found = nodes.find(({ machine }) => machine.name === name);
    if (found === undefined) throw new Error(`The fleet has no ${name}`);
    return found;
  };
  return {
    nodes,
    node,
    world,
    faults,
    journal,
    trips,
    invariants,
    network,
    latency(latencyMs) {
      for (const { ssh } of nodes) ssh.faults.latencyMs = latencyMs;
    },
    powerOff(name) {
      const { machine, ssh } = node(name);
      ssh.faults.onConnect = "hang";
      machine.powerOff();
      ssh.drop();
    },
    powerOn(name) {
      const { machine, ssh } = node(name);
      ssh.faults.onConnect = "accept";
      machine.powerOn();
    },
    disconnectAll,
    revive() {
      faults.revive();
      for (const { machine, ssh } of nodes) ssh.faults.onConnect = machine.isOn ? "accept" : "hang";
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(nodes.map(({ ssh }) => ssh.close()));
    },
  };
}

function machineOptionsOf(nodes: FleetOptions["nodes"]): readonly MachineOptions[] {
  const list =
    typeof nodes === "number" ? Array.from({ length: nodes }, (_, index) => ({ name: `node-${index + 1}` })) : nodes;
  return list.map((node, index) => ({
    address: `10.0.${Math.floor((index + 1) / 256)}.${(index + 1) % 256}`,
    ...node,
  }));
}

async function reachable(
  machine: Machine,
  key: { readonly privateKey: string; readonly publicKey: string },
): Promise<FleetNode> {
  const ssh = await sshServer({
    user: "rke",
    authorizedKeys: [key.publicKey],
    exec: (command) => execOn(machine, command),
    streamlocal: (path) => openSocket(machine, path),
    directTcpip: (host, port) => openPort(machine, { host, port }),
  });
  const { port, hostKey } = ssh;
  return { machine, ssh, host: "127.0.0.1", port, user: "rke", privateKey: key.privateKey, hostKey };
}

function openSocket(machine: Machine, path: string): Handler | Refusal {
  const endTrip = machine.world.trips.start(machine.name, "ssh", `streamlocal ${path}`);
  endTrip();
  if (path === "/var/run/docker.sock" || path === "/run/docker.sock")
    return (socket: Duplex) => machine.acceptDocker(socket);
  return { refuse: "failed", text: "open failed" };
}

function openPort(
  machine: Machine,
  { host, port }: { readonly host: string; readonly port: number },
): Handler | Refusal {
  const endTrip = machine.world.trips.start(machine.name, "ssh", `direct-tcpip ${host}:${port}`);
  endTrip();
  const dialled = machine.world.network.dial(machine, host, port);
  if (dialled === "refused") return { refuse: "failed", text: "Connection refused" };
  if (dialled === "timeout") return { refuse: "silence" };
  return (socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    dialled.accept(socket);
  };
}

function execOn(machine: Machine, command: string): ExecAnswer | Handler {
  const endTrip = machine.world.trips.start(machine.name, "ssh", `exec ${command}`);
  endTrip();
  if (command === "docker system dial-stdio") return (socket: Duplex) => machine.acceptDocker(socket);
  const [, socketPath] = /^docker -H unix:\/\/(\S+) system dial-stdio$/.exec(command) ?? [];
  if (socketPath !== undefined) {
    const because = `dial unix ${socketPath}: connect: no such file or directory`;
    return { stderr: `failed to open the raw stream connection: ${because}\n`, code: 1 };
  }
  if (command.includes(" pulumi-rke-probe ")) return { stdout: probeAnswer(machine, command) };
  const answer = {
    true: "",
    hostname: machine.hostname,
    "uname -r": machine.kernel.release,
    "date +%s": String(Math.floor(machine.now() / 1000)),
  }[command];
  if (answer !== undefined) return { stdout: answer === "" ? "" : `${answer}\n` };
  return { stderr: `sh: 1: ${command.split(" ")[0]}: not found\n`, code: 127 };
}

/** What the images that RKE uses declare; the rest is empty. */
function usualConfig(reference: string): ImageConfig {
  const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  if (reference.includes("rke-tools")) {
    return { Env: [path], Cmd: ["/bin/bash"], Volumes: { "/opt/rke-tools": {} } };
  }
  return { Env: [path] };
}
