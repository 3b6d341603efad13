import { z } from "zod";

import { text, textMap, texts } from "./values.ts";

const webhook = z.strictObject({
  /** Text of the kubeconfig that names the webhook. Default: one on the node itself, port 6440. */
  configFile: text(),
  /** How long answers are remembered. Default: 5s. */
  cacheTimeout: text(),
});

export const authentication = z.strictObject({
  /** `x509`, or `x509|webhook`. Default: x509. */
  strategy: text(),
  /** More names and addresses for the certificate of the API servers. */
  sans: texts(),
  webhook: webhook.optional(),
});

export const authorization = z.strictObject({
  /** `rbac` or `none`. Default: rbac. */
  mode: text(),
  /** Accepted and never read, as in RKE. */
  options: textMap(),
});
