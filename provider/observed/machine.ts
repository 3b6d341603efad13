import type { EngineVersion } from "../hosts/api-version.ts";
import type { DockerInfo } from "../hosts/docker.ts";
import type { MachineFacts } from "./facts.ts";
import type { Probe, Space } from "./probe.ts";

/** What engines say beside what we use elsewhere; old ones leave some of it out. */
export interface FullDockerInfo extends DockerInfo {
  readonly Driver?: string;
  readonly LiveRestoreEnabled?: boolean;
  readonly RegistryConfig?: { readonly Mirrors?: readonly string[] | null } | null;
  readonly SystemTime?: string;
}

interface MachineAnswers {
  readonly info: FullDockerInfo;
  readonly version: EngineVersion;
  readonly probe: Probe;
  /** Our time in the middle of the call that brought the info, for machines that tell the time in no other way. */
  readonly infoTimeMs: number;
}

/** Puts together what Docker and the machine itself have said. */
export function machineFacts({ info, version, probe, infoTimeMs }: MachineAnswers): MachineFacts {
  return {
    hostname: probe.hostname ?? info.Name,
    machineId: probe.machineId ?? "",
    os: info.OperatingSystem,
    osType: info.OSType,
    architecture: info.Architecture,
    kernel: info.KernelVersion,
    // Docker tells since 20.10.
    cgroupVersion: info.CgroupVersion ?? { true: "2", false: "1" }[String(probe.isCgroup2)] ?? "",
    cgroupDriver: info.CgroupDriver ?? "",
    securityOptions: [...(info.SecurityOptions ?? [])],
    memoryBytes: info.MemTotal,
    cpus: info.NCPU,
    swapBytes: probe.swapBytes ?? 0,
    // Plus nothing: a little less than 0 is rounded to -0, which the state would give back as 0.
    clockOffsetMs: (probe.clockOffsetMs ?? offsetBySystemTime(info, infoTimeMs)) + 0,
    disks: disksOf(probe, info.DockerRootDir),
    kernelFacts: { ...probe.kernelFacts },
    addresses: [...probe.addresses],
    listening: probe.listening.map((one) => ({ ...one })),
    leftovers: [...probe.leftovers],
    ...(probe.unknown.length > 0 && { unknown: [...probe.unknown] }),
    docker: {
      serverVersion: info.ServerVersion,
      apiVersion: version.ApiVersion,
      rootDir: info.DockerRootDir,
      storageDriver: info.Driver ?? "",
      liveRestore: info.LiveRestoreEnabled ?? false,
      registryMirrors: [...(info.RegistryConfig?.Mirrors ?? [])],
    },
  };
}

function offsetBySystemTime({ SystemTime }: FullDockerInfo, ourTimeMs: number): number {
  const time = Date.parse(SystemTime ?? "");
  return Number.isNaN(time) ? 0 : Math.round(time - ourTimeMs);
}

/** The script could not know where Docker keeps its images, so the file system is found among the mounts. */
function disksOf({ disks, mounts }: Probe, dockerRoot: string): Record<string, Space> {
  if (dockerRoot === "" || dockerRoot in disks) return { ...disks };
  const below = (mount: string) => dockerRoot === mount || dockerRoot.startsWith(mount.replace(/\/*$/, "/"));
  const deepest = Object.keys(mounts)
    .filter(below)
    .reduce<string | undefined>((best, mount) => (mount.length > (best?.length ?? 0) ? mount : best), undefined);
  const space = deepest === undefined ? disks["/"] : mounts[deepest];
  return { ...disks, ...(space && { [dockerRoot]: space }) };
}
