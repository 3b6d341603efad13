import type { ClusterPlan } from "../desired/cluster-plan.ts";
import type { NodePlan } from "../desired/node-plan.ts";
import type { ClusterFacts } from "../observed/facts.ts";
import type { Bundle } from "../pki/bundle.ts";
import { type CheckedMachine, clusterContainers, type Objection, type Situation } from "./check.ts";
import { addressCollision } from "./checks/address-collision.ts";
import { brNetfilter } from "./checks/br-netfilter.ts";
import { cgroupV1 } from "./checks/cgroup-v1.ts";
import { clockSkew } from "./checks/clock-skew.ts";
import { diskSpace } from "./checks/disk-space.ts";
import { dockerVersion } from "./checks/docker-version.ts";
import { duplicateHostname } from "./checks/duplicate-hostname.ts";
import { duplicateMachineId } from "./checks/duplicate-machine-id.ts";
import { foreignLeftovers } from "./checks/foreign-leftovers.ts";
import { portClosed } from "./checks/port-closed.ts";
import { portTaken } from "./checks/port-taken.ts";
import { slowDisk } from "./checks/slow-disk.ts";
import { swap } from "./checks/swap.ts";
import { unknownFacts } from "./checks/unknown-facts.ts";
import type { FsyncMeasured, PortTried } from "./measured.ts";

/** Every check by the name under which it is waived. */
const checks = {
  "duplicate-hostname": duplicateHostname,
  "duplicate-machine-id": duplicateMachineId,
  "clock-skew": clockSkew,
  swap,
  "cgroup-v1": cgroupV1,
  "docker-version": dockerVersion,
  "port-taken": portTaken,
  "port-closed": portClosed,
  "disk-space": diskSpace,
  "foreign-leftovers": foreignLeftovers,
  "br-netfilter": brNetfilter,
  "slow-disk": slowDisk,
  "address-collision": addressCollision,
  "unknown-facts": unknownFacts,
};

export type CheckName = keyof typeof checks;

export const checkNames = Object.keys(checks) as readonly CheckName[];

/** An objection and the check that raised it. */
export interface PreflightFinding extends Objection {
  readonly name: CheckName | "unknown-waiver";
}

export interface PreflightOptions {
  /** Names of checks whose objections a person has accepted. */
  readonly waived?: readonly string[];
  /** The nodes as they were last applied; they are not new. */
  readonly former?: readonly { readonly address: string }[];
  /** The certificates that should be on the nodes; their CA tells our files from somebody else's. */
  readonly certificates?: Bundle;
  /** What steps have found out about ports between the machines and about the disks of etcd. */
  readonly ports?: readonly PortTried[];
  readonly fsync?: readonly FsyncMeasured[];
}

/** Judges the machines before anything is touched: everything that stands in the way, all at once. */
export function preflight(
  desired: ClusterPlan,
  facts: ClusterFacts,
  { waived = [], former = [], certificates, ports = [], fsync = [] }: PreflightOptions = {},
): readonly PreflightFinding[] {
  const machines = desired.nodes.flatMap((plan) => checkedMachine(plan, facts, former));
  const situation: Situation = { desired, facts, machines, certificates, ports, fsync };
  const found = checkNames
    .filter((name) => !waived.includes(name))
    .flatMap((name) => checks[name](situation).map((objection) => ({ name, ...objection })));
  return [...found, ...waived.flatMap(unknownWaiver)];
}

function checkedMachine(
  plan: NodePlan,
  facts: ClusterFacts,
  former: NonNullable<PreflightOptions["former"]>,
): readonly CheckedMachine[] {
  const { address, hostnameOverride } = plan.node;
  const seen = facts.nodes[address];
  if (seen?.status !== "reached") return [];
  const name = hostnameOverride === address ? address : `${hostnameOverride} (${address})`;
  const containers = clusterContainers({ seen });
  const runs = (name: string) => containers.includes(name);
  const isFormer = former.some((one) => one.address === address);
  const isMember =
    isFormer ||
    (runs("kubelet") && (facts.kube?.nodes.some((one) => one.name === hostnameOverride) ?? false)) ||
    (runs("etcd") && (facts.etcd?.members.some((one) => one.node === address) ?? false));
  return [{ plan, seen, name, isMember, isNew: !isFormer && containers.length === 0 }];
}

function unknownWaiver(name: string): readonly PreflightFinding[] {
  if (name in checks) return [];
  return [
    {
      name: "unknown-waiver",
      severity: "warning",
      reason: `there is no check called "${name}", so nothing is waived by it`,
      hint: `The names are ${checkNames.join(", ")}`,
    },
  ];
}
