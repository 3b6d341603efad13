import { z } from "zod";

import { named, secret } from "./naming.ts";
import { flag, text } from "./values.ts";

const ecrCredentialPlugin = z.strictObject({
  /** Static credentials are used when the id and the secret are both given; otherwise AWS's own chain decides. */
  awsAccessKeyId: text(),
  awsSecretAccessKey: secret(text()),
  awsSessionToken: named(z.string().optional(), { state: "awsAccessToken", secret: true }),
});

export const privateRegistry = z.strictObject({
  /** Host, or host and path, that images must begin with for these credentials to be used. Default: docker.io. */
  url: text(),
  /** Without a user, images are pulled without credentials. */
  user: text(),
  password: secret(text()),
  /** Take all images of the release from this registry. The first one that says so wins. */
  isDefault: flag(),
  /** Amazon ECR: credentials are fetched when images are pulled. */
  ecrCredentialPlugin: ecrCredentialPlugin.optional(),
});
