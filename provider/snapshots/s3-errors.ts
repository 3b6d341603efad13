import { RkeError } from "../errors.ts";
import { redact, Secret } from "../secrets.ts";
import type { S3Settings } from "./s3-settings.ts";

/** What AWS's library throws, as far as it is of use: nothing of it may be passed on as it is, since keys are in it. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $fault?: "client" | "server";
}

/** Tells what a store answered, and what a person can do about it. */
export function s3Error(doing: string, error: unknown, settings: S3Settings): RkeError {
  const { name = "", message = "", code = "", $metadata = {} } = error as Thrown;
  const status = $metadata.httpStatusCode;
  const said = redact(message, keysOf(settings)).trim();
  const kind = code || name;
  const hint = Object.entries(hints).find(([names]) => names.split(" ").includes(kind))?.[1]?.(settings);
  const more = hint === undefined ? {} : { hint };
  if (isNetworkError(error)) {
    const because = `there is no connection to ${settings.endpoint ?? "AWS"}: ${said || kind}`;
    return new RkeError("storage", { doing, because, ...more }, { transient: !isCertificateError(kind) });
  }
  // A store that answers without a text is called by the number of its answer alone.
  const because =
    status === undefined
      ? `${said || kind}`
      : `the store answered ${[status, kind, quoted(said, kind)].filter(Boolean).join(" ")}`;
  return new RkeError("storage", { doing, because, ...more }, { transient: status !== undefined && status >= 500 });
}

const quoted = (said: string, kind: string): string => (said === "" || said === kind ? "" : `"${said}"`);

const keysOf = ({ accessKey, secretKey, sessionToken }: S3Settings): readonly Secret<string>[] =>
  [accessKey === undefined ? undefined : new Secret(accessKey), secretKey, sessionToken].filter(
    (key) => key !== undefined,
  );

export const statusOf = (error: unknown): number | undefined => (error as Thrown).$metadata?.httpStatusCode;
export const nameOf = (error: unknown): string => (error as Thrown).name ?? "";

const isCertificateError = (kind: string): boolean => /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/.test(kind);

const isNetworkError = (error: unknown): boolean => {
  const { code = "", name = "" } = error as Thrown;
  return /^(E[A-Z]{4,}|EAI_AGAIN)$/.test(code) || isCertificateError(code) || name === "TimeoutError";
};

const keys = () => "Check accessKey and secretKey; temporary ones have come to their end when this worked before";
const ca = () => "Give the authority of the store as customCa: the text of its PEM file";
const place = ({ endpoint }: S3Settings) =>
  `Check the endpoint${endpoint === undefined ? "" : ` "${endpoint}"`}, and that this machine can reach it`;

const hints: Readonly<Record<string, (settings: S3Settings) => string>> = {
  "InvalidAccessKeyId SignatureDoesNotMatch InvalidToken ExpiredToken XAdminUserNotFound": keys,
  "AccessDenied Forbidden 403 AllAccessDisabled": ({ bucketName }) =>
    `The keys need s3:ListBucket on ${bucketName}, and s3:PutObject, s3:GetObject, s3:DeleteObject and s3:AbortMultipartUpload on what is in it`,
  "RequestTimeTooSkewed RequestExpired": () => "Set the clock of the machine that runs Pulumi: the store's is another",
  NoSuchBucket: ({ bucketName }) => `Make the bucket ${bucketName} first, or check its name and the region`,
  "PermanentRedirect TemporaryRedirect IllegalLocationConstraintException AuthorizationHeaderMalformed": () =>
    "Set the region that the bucket lies in",
  InvalidBucketName: () => "Check the name of the bucket: lower-case letters, digits and hyphens",
  CredentialsProviderError: () =>
    "Give accessKey and secretKey; or the machine that runs Pulumi credentials in its environment, or an instance profile",
  "ENOTFOUND EAI_AGAIN ECONNREFUSED EHOSTUNREACH ENETUNREACH ETIMEDOUT ECONNRESET EPIPE TimeoutError EPROTO": place,
  "SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    ca,
  ERR_TLS_CERT_ALTNAME_INVALID: () => "The certificate of the store is for another name: use that name as the endpoint",
  "CERT_HAS_EXPIRED CERT_NOT_YET_VALID": () => "Renew the certificate of the store; or set the clock of this machine",
  "SlowDown ServiceUnavailable InternalError": () => "Run it again in a while: the store has too much to do",
  "EntityTooLarge QuotaExceeded InsufficientCapacity XMinioStorageFull": () =>
    "Make room in the store, or raise its limit",
};
