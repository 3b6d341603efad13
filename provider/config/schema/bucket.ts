import { z } from "zod";

import { secret } from "./naming.ts";
import { flag, text } from "./values.ts";

/** A bucket that archives of snapshots are kept in, and how one gets in. */
export const bucket = z.strictObject({
  bucketName: z.string(),
  endpoint: text(),
  region: text(),
  folder: text(),
  accessKey: text(),
  secretKey: secret(text()),
  sessionToken: secret(text()),
  customCa: text(),
  pathStyle: flag(),
});
