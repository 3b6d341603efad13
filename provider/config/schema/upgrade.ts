import { z } from "zod";

import { named } from "./naming.ts";
import { flag, whole } from "./values.ts";

const nodeDrainInput = z.strictObject({
  /** Evict pods that no controller will bring back. Default: false. */
  force: flag(),
  /** Leave pods of DaemonSets where they are. Default: true. */
  ignoreDaemonSets: named(z.boolean().optional(), { yaml: "ignore_daemonsets" }),
  /** Evict pods that lose data in emptyDir volumes. Default: false. */
  deleteLocalData: flag(),
  /** Seconds a pod gets to stop; -1 leaves it to the pod. Default: -1. */
  gracePeriod: whole(),
  /** Seconds until draining a node counts as failed; 0 waits for ever. Default: 120. */
  timeout: z.int().nonnegative().optional(),
});

const width = () => z.union([z.string(), z.int()]).optional();

export const upgradeStrategy = z.strictObject({
  /** How many worker nodes are replaced at a time: a number, or a percentage rounded down (at least one). Default: 10%. */
  maxUnavailableWorker: width(),
  /** How many control plane nodes are replaced at a time. Default: 1. */
  maxUnavailableControlplane: width(),
  /** Evict the pods of a node before its containers are replaced. Default: false. */
  drain: flag(),
  nodeDrainInput: nodeDrainInput.optional(),
});
