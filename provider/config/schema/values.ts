import { z } from "zod";

import { cased, named, verbatim } from "./naming.ts";

export const text = () => z.string().optional();
export const flag = () => z.boolean().optional();
export const whole = () => z.int().optional();
export const texts = () => z.array(z.string()).optional();
export const textMap = () => z.record(z.string(), z.string()).optional();

/** A number of things or a percentage of them, as Kubernetes writes it: `1` or `"25%"`. */
export const intOrPercent = () => z.union([z.int(), z.string()]).optional();

/** Any JSON value. RKE hands it on as it is; what is inside is checked by whoever reads it. */
export const jsonObject = () => verbatim(z.record(z.string(), z.json()));

/** A toleration of a pod, as in Kubernetes. */
export const toleration = cased(
  z.strictObject({
    key: text(),
    operator: z.enum(["Exists", "Equal", ""]).optional(),
    value: text(),
    effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute", ""]).optional(),
    /** How long a pod stays after the taint appeared. In cluster.yml the key is `tolerationseconds`. */
    tolerationSeconds: whole(),
  }),
  "lower",
);

const rollingUpdate = cased(
  z.strictObject({
    /** How many pods may be missing at a time: a number or a percentage. */
    maxUnavailable: intOrPercent(),
    /** How many pods may exist beyond the wanted number: a number or a percentage. */
    maxSurge: intOrPercent(),
  }),
  "same",
);

/** How a Deployment or DaemonSet of an addon is replaced. */
export const updateStrategy = cased(
  z.strictObject({
    /** `RollingUpdate`, `OnDelete` (DaemonSets) or `Recreate` (Deployments). */
    strategy: z.string().optional(),
    rollingUpdate: named(rollingUpdate.optional(), { yaml: "rollingUpdate", state: "rollingUpdate" }),
  }),
  "same",
);

/** `count` seconds, megabytes and so on, where zero means "not set". */
export const count = () => z.int().nonnegative().optional();
