import { z } from "zod";

import { count, text, textMap, toleration, updateStrategy } from "./values.ts";

export const monitoring = z.strictObject({
  /** `metrics-server` or `none`. Default: metrics-server. */
  provider: text(),
  /** Flags of metrics-server, by name and without dashes. */
  options: textMap(),
  /** Labels of the nodes on which metrics-server may run. */
  nodeSelector: textMap(),
  updateStrategy: updateStrategy.optional(),
  /** Number of pods. Default: 1. */
  replicas: count(),
  tolerations: z.array(toleration).optional(),
  metricsServerPriorityClassName: text(),
});
