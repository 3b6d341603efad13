import { Agent as HttpsAgent } from "node:https";
import { rootCertificates } from "node:tls";
import type { S3Client } from "@aws-sdk/client-s3";

import { RkeError } from "../errors.ts";
import { caOf, type S3Settings, s3Target } from "./s3-settings.ts";

export interface S3Limits {
  /** How long a connection may be silent before it is given up. */
  readonly idleMs: number;
  /** How often a request is tried, the first time included. */
  readonly attempts: number;
}

export interface S3Connection {
  readonly aws: typeof import("@aws-sdk/client-s3");
  readonly client: S3Client;
}

/** Loads AWS's library, which takes its time and is not needed by those who keep nothing in a bucket. */
export async function connectS3(settings: S3Settings, { idleMs, attempts }: S3Limits): Promise<S3Connection> {
  const { endpoint, region, pathStyle } = s3Target(settings);
  const { accessKey, secretKey, sessionToken, customCa } = settings;
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    throw new RkeError("config", {
      doing: "log in to the S3 store",
      because: accessKey === undefined ? "the secret key has no access key" : "the access key has no secret key",
      hint: "Give both; or none, for the credentials of the environment or the instance",
    });
  }
  // On Node.js 20, which this package promises to run on, it would warn in the middle of Pulumi's output.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const aws = await import("@aws-sdk/client-s3");
  const client = new aws.S3Client({
    region,
    ...(endpoint !== undefined && { endpoint }),
    forcePathStyle: pathStyle,
    followRegionRedirects: true,
    maxAttempts: attempts,
    // Checksums of the newer kind are unknown to many stores that are not AWS's.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...(accessKey !== undefined &&
      secretKey !== undefined && {
        credentials: {
          accessKeyId: accessKey,
          secretAccessKey: secretKey.unwrap(),
          ...(sessionToken !== undefined && { sessionToken: sessionToken.unwrap() }),
        },
      }),
    requestHandler: {
      connectionTimeout: 10_000,
      socketTimeout: idleMs,
      httpAgent: { keepAlive: true },
      httpsAgent: new HttpsAgent({
        keepAlive: true,
        ...(customCa !== undefined && { ca: [...rootCertificates, caOf(customCa)] }),
      }),
    },
  });
  return { aws, client };
}
