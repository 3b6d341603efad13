import type { MachineFacts } from "../../observed/facts.ts";
import { GIB, gibibytes, onEachMachine } from "../check.ts";

/** Finds machines without room for what they are about to get, or so full that the kubelet will throw pods out. */
export const diskSpace = onEachMachine(({ plan, seen }) => {
  const { rootDir } = seen.machine.docker;
  const etcdDir = `${plan.prefixPath.replace(/\/+$/, "")}/var/lib/etcd`;
  const missing = plan.images.filter((image) => !seen.images.includes(image));
  const needs: readonly Need[] = [
    // The Kubernetes image alone is more than a gibibyte once unpacked.
    ...(missing.length > 0 ? [{ path: rootDir, least: 2 * GIB, good: 5 * GIB, why: "the images want" }] : []),
    // etcd may grow to 2 GiB, and is out of order once it cannot write.
    ...(plan.node.role.includes("etcd") ? [{ path: etcdDir, least: GIB, good: 4 * GIB, why: "etcd wants" }] : []),
    // The kubelet's own limits: 15 % of where the images are, 10 % of where pods write.
    { path: rootDir, share: 0.15, why: "the kubelet evicts pods below" },
    { path: "/", share: 0.1, why: "the kubelet evicts pods below" },
  ];
  const found = needs.flatMap((need) => judge(need, seen.machine));
  // One sentence for a file system that is wanted for several things.
  return [...new Map(found.toReversed().map((one) => [one.path, one])).values()].map(({ path: _, ...one }) => one);
});

interface Need {
  readonly path: string;
  /** Below it nothing will work. */
  readonly least?: number;
  readonly good?: number;
  /** Of the whole file system. */
  readonly share?: number;
  /** Goes before the size that is wanted. */
  readonly why: string;
}

function judge({ path, why, least = 0, good = 0, share = 0 }: Need, { disks }: MachineFacts) {
  const disk = disks[path];
  if (disk === undefined) return [];
  const { freeBytes, totalBytes } = disk;
  const wanted = Math.max(good, share * totalBytes);
  if (freeBytes >= wanted) return [];
  return [
    {
      path,
      severity: freeBytes < least ? ("error" as const) : ("warning" as const),
      reason: `${path} has ${gibibytes(freeBytes)} free, and ${why} ${gibibytes(wanted)}`,
      hint: "Free space or enlarge the disk; docker system df shows what Docker uses",
    },
  ];
}
