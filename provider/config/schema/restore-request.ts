import { z } from "zod";

import { bucket } from "./bucket.ts";
import { secret } from "./naming.ts";
import { text } from "./values.ts";

/** A snapshot by its name; what comes from a resource may say more, and what is of no use here is passed over. */
const snapshot = z.union([
  z.string(),
  z
    .object({ name: z.string(), takenAt: text(), revision: z.int().optional() })
    .transform(({ name, takenAt, revision }) => ({ name, takenAt, revision })),
]);

/** The argument `restore` of a cluster: a request that a person has to confirm. */
export const restoreRequest = z.strictObject({
  from: snapshot,
  storage: z
    .strictObject({
      folder: text(),
      s3: bucket.extend({ bucketName: z.string().min(1) }).optional(),
      nodes: z.literal(true).optional(),
    })
    .refine((storage) => Object.keys(storage).length === 1, "One of folder, s3 and nodes is wanted")
    .optional(),
  passphrase: secret(text()),
  confirm: z.string(),
});

export type RestoreRequest = z.output<typeof restoreRequest>;
