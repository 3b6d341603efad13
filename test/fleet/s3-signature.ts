import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What a store says of a request that it does not let in: status, code and text of AWS's own. */
export type Refusal = readonly [status: number, code: string, message: string];

interface Guard {
  /** Secret keys by access keys. */
  readonly keys: Readonly<Record<string, string>>;
  readonly now: () => Date;
}

/** Checks a request as AWS's signatures of version 4 are checked: who, when, and that nothing has changed on its way. */
export function refusalOf(request: IncomingMessage, body: Buffer, { keys, now }: Guard): Refusal | undefined {
  const signed = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(
    request.headers.authorization ?? "",
  );
  if (signed === null) return [403, "AccessDenied", "Access Denied"];
  const [, id = "", scope = "", names = "", signature] = signed;
  const secret = keys[id];
  if (secret === undefined) {
    return [403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."];
  }
  const date = String(request.headers["x-amz-date"]);
  if (Math.abs(timeOf(date) - now().getTime()) > 15 * 60_000) {
    return [403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."];
  }
  const hash = String(request.headers["x-amz-content-sha256"]);
  if (hash.startsWith("STREAMING-")) return [501, "NotImplemented", "Chunked signatures are not implemented."];
  if (hash !== "UNSIGNED-PAYLOAD" && hash !== sha256(body)) {
    return [
      400,
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ];
  }
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical(request, names.split(";"), hash))].join("\n");
  if (hmac(signingKey(secret, scope), toSign).toString("hex") === signature) return undefined;
  return [
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided.",
  ];
}

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** `20261121T080000Z` */
const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

function canonical(request: IncomingMessage, names: readonly string[], hash: string): string {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const pairs = query === "" ? [] : query.split("&").map((pair) => (pair.includes("=") ? pair : `${pair}=`));
  const headers = names.map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, " ")}\n`);
  return [request.method, path, pairs.sort().join("&"), headers.join(""), names.join(";"), hash].join("\n");
}

/** `scope` is `20261121/us-east-1/s3/aws4_request`. */
const signingKey = (secret: string, scope: string): Buffer =>
  scope.split("/").reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
