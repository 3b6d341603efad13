import { X509Certificate } from "node:crypto";

import { RkeError } from "../errors.ts";
import type { Secret } from "../secrets.ts";

/** A bucket as RKE names it, or any other that speaks S3. */
export interface S3Settings {
  /** Host, with a port where it needs one. Without a scheme it is reached by HTTPS; absent means AWS. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly bucketName: string;
  readonly folder?: string | undefined;
  /** Without keys those of the environment count: variables, shared files, the instance's profile. */
  readonly accessKey?: string | undefined;
  readonly secretKey?: Secret<string> | undefined;
  readonly sessionToken?: Secret<string> | undefined;
  /** Trusted beside the usual authorities: PEM, or base64 of it. */
  readonly customCa?: string | undefined;
  /** Whether the bucket stands in the path (`host/bucket`) and not in the name of the host (`bucket.host`). */
  readonly pathStyle?: boolean | undefined;
}

/** Where requests go: what is not named follows from what is. */
export interface S3Target {
  /** Absent where the library finds AWS's own by region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly pathStyle: boolean;
}

/** Says where a bucket lies. The choices are those of the tools of `rke`. */
export function s3Target({
  endpoint,
  region,
  pathStyle,
}: Pick<S3Settings, "endpoint" | "region" | "pathStyle">): S3Target {
  const url = urlOf(endpoint?.trim() || "s3.amazonaws.com");
  const aws = /^s3(?:[.-](?<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com$/.exec(url.host);
  if (aws !== null)
    return { endpoint: undefined, region: region || aws.groups?.region || GLOBAL, pathStyle: pathStyle ?? false };
  // Alibaba's store takes no bucket in the path.
  const isDnsOnly = url.host.includes("aliyun");
  return {
    endpoint: url.href.replace(/\/$/, ""),
    region: region || GLOBAL,
    pathStyle: pathStyle ?? !isDnsOnly,
  };
}

/** Of AWS, the region that knows where buckets are; others do not look at it. */
const GLOBAL = "us-east-1";

function urlOf(endpoint: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isPlain && /^https?:$/.test(url.protocol)) return url;
  throw new RkeError("config", {
    doing: "reach the S3 store",
    because: `"${endpoint.replace(/\/\/.*@/, "//…@")}" is no endpoint`,
    hint: "Write a host, with a port where it needs one: s3.example.com, or https://s3.example.com:9000",
  });
}

/** The certificates of an authority as PEM. */
export function caOf(customCa: string): string {
  const text = customCa.includes("-----BEGIN") ? customCa : Buffer.from(customCa, "base64").toString("utf8");
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length > 0 && certificates.every(isCertificate)) return text;
  throw new RkeError("config", {
    doing: "trust the authority of the S3 store",
    because: "its certificate cannot be read",
    hint: "Give customCa the text of the PEM file, or base64 of it",
  });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
