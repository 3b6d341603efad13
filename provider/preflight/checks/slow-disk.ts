import type { Check } from "../check.ts";

/** Judges the disks of etcd. Its own advice is 10 ms; with RKE's heartbeat of 500 ms, leaders are lost beyond 100. */
export const slowDisk: Check = ({ machines, fsync }) =>
  fsync.flatMap(({ node, writeMs }) => {
    if (writeMs <= GOOD_MS) return [];
    return [
      {
        severity: writeMs > USABLE_MS ? ("error" as const) : ("warning" as const),
        node: machines.find(({ plan }) => plan.node.address === node)?.name ?? node,
        reason: `its disk takes ${Math.round(writeMs)} ms for a small write to last, and etcd wants ${GOOD_MS} ms`,
        hint: "Put /var/lib/etcd on a local SSD, away from what else writes",
      },
    ];
  });

const GOOD_MS = 10;
const USABLE_MS = 100;
