import type { Check, CheckedMachine, Objection } from "../check.ts";

/**
 * Compares the clocks with one another and with ours. etcd complains from one second on; leases and tokens break with
 * tens of them; and a certificate is not valid yet on a machine whose clock is further behind than it is dated back.
 */
export const clockSkew: Check = ({ machines }) => {
  const middle = median(machines.map(({ seen }) => seen.machine.clockOffsetMs));
  return [
    ...machines.flatMap((machine) => judge(machine, machine.seen.machine.clockOffsetMs - middle)),
    ...judgeOurs(middle),
  ];
};

/** More than the measurement may be wrong by over a slow connection. */
const NOTICEABLE_MS = 2_000;
const HARMFUL_MS = 30_000;

function judge({ name }: CheckedMachine, skewMs: number): readonly Objection[] {
  const size = Math.abs(skewMs);
  if (size < NOTICEABLE_MS) return [];
  return [
    {
      severity: size < HARMFUL_MS ? "warning" : "error",
      node: name,
      reason: `its clock is ${inWords(size)} ${skewMs < 0 ? "behind" : "ahead of"} the other machines`,
      hint: "Run chrony or systemd-timesyncd on every machine: timedatectl set-ntp true",
    },
  ];
}

/** The machines agree with one another and not with the one that issues their certificates. */
function judgeOurs(middleMs: number): readonly Objection[] {
  const size = Math.abs(middleMs);
  if (size < HARMFUL_MS) return [];
  return [
    {
      severity: -middleMs > BACKDATED_MS ? "error" : "warning",
      reason: `the clock here is ${inWords(size)} ${middleMs < 0 ? "ahead of" : "behind"} those of the machines`,
      hint: "Set the clock of the machine that runs Pulumi: certificates are dated by it",
    },
  ];
}

/** Certificates begin an hour before they are made. */
const BACKDATED_MS = 3_600_000;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}

function inWords(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 2 * 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
