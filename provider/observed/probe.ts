import type { Host } from "../hosts/host.ts";
import type { UnknownFact } from "./facts.ts";
import { probeCommand } from "./probe-script.ts";
import { limited } from "./unless-stopped.ts";

/** What a machine said of itself. What it did not say is undefined, or listed as unknown where it is a list. */
export interface Probe {
  readonly hostname?: string;
  readonly machineId?: string;
  readonly swapBytes?: number;
  readonly isCgroup2?: boolean;
  /** The machine's clock in the middle of the script, and ours in the middle of the round trip. */
  readonly clockOffsetMs?: number;
  readonly disks: Readonly<Record<string, Space>>;
  /** Mounted file systems by where they are mounted. */
  readonly mounts: Readonly<Record<string, Space>>;
  readonly kernelFacts: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  readonly listening: readonly { readonly port: number; readonly program: string }[];
  readonly leftovers: readonly string[];
  /** Snapshots of etcd, newest first. */
  readonly snapshots?: readonly SnapshotFile[];
  /** `kube-ca.pem`, where anybody may read it. */
  readonly ca?: string;
  readonly caMode?: number;
  /** Our note of the files that we wrote, where anybody may read it. */
  readonly marker?: string;
  /** Our note of a restore of etcd's data. */
  readonly restoreMarker?: string;
  readonly unknown: readonly UnknownFact[];
}

export interface SnapshotFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** By the machine's clock. */
  readonly writtenAtMs: number;
}

export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

interface ProbeOptions {
  readonly prefixPath: string;
  readonly clock: () => Date;
  readonly signal?: AbortSignal | undefined;
}

/** Asks a machine for what Docker does not know. A machine that lets nobody run commands is asked nothing more. */
export async function probe(host: Host, { prefixPath, clock, signal }: ProbeOptions): Promise<Probe> {
  const call = limited({ signal }, PROBE_LIMIT_MS);
  try {
    const startedAt = clock().getTime();
    const { stdout } = await host.exec(probeCommand(prefixesOf(prefixPath)), call);
    return readProbe(stdout, { ourTimeMs: (startedAt + clock().getTime()) / 2 });
  } catch {
    signal?.throwIfAborted();
    // A connection that broke is told by the calls to Docker beside this one.
    return readProbe("", { ourTimeMs: 0 });
  }
}

const PROBE_LIMIT_MS = 20_000;

/** The given prefix first, then those that RKE uses by itself: which one depends on the system, and that is asked for now. */
const prefixesOf = (prefixPath: string): readonly string[] => [
  ...new Set([prefixPath, "/", "/opt/rke", "/mnt/sda1/rke"].map((path) => path.replace(/\/+$/, ""))),
];

/** Reads the answer of the script. Lines that are not as expected count as not said. */
export function readProbe(answer: string, { ourTimeMs }: { ourTimeMs: number }): Probe {
  const lines = answer.split("\n");
  const raw = (key: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  const all = (key: string): readonly string[] => raw(key).map((line) => line.trimEnd());
  const first = (key: string): string | undefined => all(key)[0];
  const text = (key: string) => (raw(key).length === 0 ? undefined : `${raw(key).join("\n")}\n`);
  const disks = Object.fromEntries(all("disk").flatMap(diskOf));
  const kernelFacts = Object.fromEntries([
    ...all("br_netfilter").map((state) => ["br_netfilter", state] as const),
    ...all("sysctl").map((line) => [line.split(" ")[0]?.replaceAll("/", ".") ?? "", line.split(" ")[1] ?? ""] as const),
  ]);
  const listening = [...all("listen").flatMap(listenerOf), ...all("socket").flatMap(socketOf)];
  const swapKb = numberOf(first("swap"));
  const isComplete = first("clock-end") !== undefined;
  const said = {
    hostname: first("hostname"),
    machineId: first("machine-id"),
    swapBytes: swapKb === undefined ? undefined : swapKb * 1024,
    isCgroup2: first("cgroup") === undefined ? undefined : first("cgroup") === "cgroup2fs",
    clockOffsetMs: clockOffset([first("clock"), first("clock-end")], ourTimeMs),
    ca: text("ca"),
    caMode: first("ca-mode") === undefined ? undefined : Number.parseInt(first("ca-mode") ?? "", 8),
    marker: text("marker"),
    restoreMarker: text("restore"),
  };
  const unknown: readonly (readonly [UnknownFact, boolean])[] = [
    ["machine id", !isComplete],
    ["swap", said.swapBytes === undefined],
    ["disks", disks["/"] === undefined],
    ["kernel", kernelFacts.br_netfilter === undefined],
    ["addresses", all("address").length === 0],
    // sshd listens at least.
    ["ports", listening.length === 0],
    ["leftovers", !isComplete],
  ];
  return {
    ...defined(said),
    disks,
    mounts: Object.fromEntries(all("mount").flatMap(mountOf)),
    kernelFacts,
    addresses: [...new Set(all("address").flatMap(addressOf))],
    listening: distinctPorts(listening),
    leftovers: [...new Set(all("holds"))],
    ...(first("snapshots") !== undefined && { snapshots: raw("snapshot").flatMap(snapshotOf) }),
    unknown: unknown.flatMap(([fact, isUnknown]) => (isUnknown ? [fact] : [])),
  };
}

type Said = Pick<
  Probe,
  "hostname" | "machineId" | "swapBytes" | "isCgroup2" | "clockOffsetMs" | "ca" | "caMode" | "marker" | "restoreMarker"
>;

const defined = (said: { readonly [K in keyof Said]: Said[K] | undefined }): Said =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined && value !== "")) as Said;

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

/** Nanoseconds since the epoch; BusyBox leaves the fraction out. */
function clockOffset(readings: readonly (string | undefined)[], ourTimeMs: number): number | undefined {
  const times = readings.flatMap((reading) => {
    const [, seconds, fraction] = /^(\d{10})(\d{9})?/.exec(reading ?? "") ?? [];
    return seconds === undefined ? [] : [Number(seconds) * 1000 + Number(fraction ?? 500_000_000) / 1e6];
  });
  if (times.length === 0) return undefined;
  return Math.round(times.reduce((sum, time) => sum + time, 0) / times.length - ourTimeMs);
}

function diskOf(line: string): readonly (readonly [string, Space])[] {
  const [path = "", ...rest] = line.split("|");
  const space = spaceOf(rest.join("|"));
  return space === undefined ? [] : [[path.replace(/^\/\//, "/"), space.space]];
}

function snapshotOf(line: string): readonly SnapshotFile[] {
  const [, size, seconds, path = ""] = /^(\d+) (\d+) (.+)$/.exec(line) ?? [];
  if (size === undefined) return [];
  return [
    { name: path.slice(path.lastIndexOf("/") + 1), sizeBytes: Number(size), writtenAtMs: Number(seconds) * 1000 },
  ];
}

function mountOf(line: string): readonly (readonly [string, Space])[] {
  const found = spaceOf(line);
  return found === undefined ? [] : [[found.mountedOn, found.space]];
}

/** A line of POSIX `df -Pk`: device, kilobytes in all, used, free, per cent, where it is mounted. */
function spaceOf(line: string): { readonly space: Space; readonly mountedOn: string } | undefined {
  const [, total, free, mountedOn] = /\s(\d+)\s+\d+\s+(\d+)\s+\d+%\s+(\/.*)$/.exec(line) ?? [];
  if (total === undefined || free === undefined || mountedOn === undefined) return undefined;
  return { space: { freeBytes: Number(free) * 1024, totalBytes: Number(total) * 1024 }, mountedOn };
}

/** Interfaces of pods, and of those who serve them: their addresses are where they should be. */
const podInterfaces = /^(lo|cni\d|flannel|cali|tunl|vxlan\.calico|kube-|nodelocaldns|weave|datapath|veth|lxc|cilium)/;

function addressOf(line: string): readonly string[] {
  const [name = "", address = ""] = line.split(" ");
  if (podInterfaces.test(name) || !/^[0-9a-fA-F.:]+(\/\d+)?$/.test(address)) return [];
  return /^(127\.|::1(\/|$)|fe80:)/i.test(address) ? [] : [address];
}

/** A line of `ss -tlnp` without its state: queues, local address, peer, and the program for those who may know. */
function listenerOf(line: string): readonly { port: number; program: string }[] {
  const [, , local = ""] = line.trim().split(/\s+/);
  const port = numberOf(local.slice(local.lastIndexOf(":") + 1));
  return port === undefined ? [] : [{ port, program: /users:\(\("([^"]+)"/.exec(line)?.[1] ?? "" }];
}

/** A line of /proc/net/tcp without its number: local address, peer and state in hexadecimal; 0A is listening. */
function socketOf(line: string): readonly { port: number; program: string }[] {
  const [, port, state] = /^[0-9A-F]+:([0-9A-F]{4}) \S+ ([0-9A-F]{2})/.exec(line) ?? [];
  return port === undefined || state !== "0A" ? [] : [{ port: Number.parseInt(port, 16), program: "" }];
}

/** A port that is open for IPv4 and for IPv6 is one. */
const distinctPorts = (listening: Probe["listening"]): Probe["listening"] =>
  [...new Map(listening.map((one) => [one.port, one])).values()].sort((a, b) => a.port - b.port);
