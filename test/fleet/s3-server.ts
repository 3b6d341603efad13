import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

import { type Refusal, refusalOf } from "./s3-signature.ts";
import { testAuthority } from "./test-certificates.ts";

export interface S3Object {
  readonly content: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
  readonly modifiedAt: Date;
}

/** What a store does in place of what it should; `when` is matched with `PUT /bucket/key?partNumber=2`. */
export interface S3Fault {
  readonly when: RegExp;
  /** How often; once unless told otherwise. */
  readonly times?: number;
  readonly how:
    | { readonly answer: Refusal }
    /** Ends the connection before it answers, with the request taken in or not. */
    | { readonly reset: "before" | "after" }
    /** Answers nothing any more. */
    | "silence"
    /** Sends a part of the content, and then ends the connection or goes silent. */
    | { readonly half: "reset" | "silence" }
    | { readonly delayMs: number };
}

export interface S3ServerOptions {
  readonly https?: boolean;
  readonly buckets?: readonly string[];
  /** Secret keys by access keys. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly clockOffsetMs?: number;
  /** How many keys one page of a listing has. */
  readonly pageSize?: number;
  /** How it takes to `If-None-Match` of a request that writes: as AWS, as stores that never heard of it, or not at all. */
  readonly conditions?: "kept" | "ignored" | "not implemented";
  /** Whether it can send a part of an object. */
  readonly ranges?: boolean;
  readonly now?: () => Date;
}

export interface S3Server {
  /** With its scheme and port. */
  readonly endpoint: string;
  /** Of the authority that signed its certificate, when it has one. */
  readonly ca: string | undefined;
  readonly keys: Readonly<Record<string, string>>;
  /** By `bucket/key`. */
  readonly objects: Map<string, S3Object>;
  /** Uploads in parts that were begun and neither finished nor taken back: `bucket/key` by their id. */
  readonly uploads: ReadonlyMap<string, string>;
  /** What was asked, as method and path with its query. */
  readonly requests: readonly string[];
  /** The most bytes that were on their way to it at a time. */
  readonly mostBytesAtOnce: () => number;
  put(path: string, content: Buffer | string, more?: Partial<S3Object>): void;
  begin(path: string): string;
  fault(fault: S3Fault): void;
  close(): Promise<void>;
}

interface Call {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Buffer;
}

/** A store in the memory of the test that speaks S3 as far as we use it, and checks signatures as the real ones do. */
export async function anS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const {
    https = false,
    keys = { AKIATEST: "secret/of+AKIATEST" },
    clockOffsetMs = 0,
    now = () => new Date(),
  } = options;
  const authority = https ? testAuthority("s3-ca") : undefined;
  const clock = () => new Date(now().getTime() + clockOffsetMs);
  const store = new Store({ ...options, clock });
  const requests: string[] = [];
  const faults: { fault: S3Fault; left: number }[] = [];
  let [bytesNow, mostBytes] = [0, 0];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const line = `${request.method} ${decodeURIComponent(request.url ?? "")}`;
    requests.push(line);
    response.setHeader("Date", clock().toUTCString());
    const found = faults.find(({ fault, left }) => left > 0 && fault.when.test(line));
    if (found !== undefined) found.left--;
    const how = found?.fault.how;
    if (how === "silence") return;
    if (typeof how === "object" && "reset" in how && how.reset === "before") return void request.socket.destroy();
    let own = 0;
    const body = await bodyOf(request, (bytes) => {
      own += bytes;
      bytesNow += bytes;
      mostBytes = Math.max(mostBytes, bytesNow);
    });
    if (typeof how === "object" && "delayMs" in how) await new Promise((resolve) => setTimeout(resolve, how.delayMs));
    const refusal =
      typeof how === "object" && "answer" in how ? how.answer : refusalOf(request, body, { keys, now: clock });
    const answer = refusal === undefined ? store.answer(callOf(request, body)) : refused(refusal);
    bytesNow -= own;
    if (typeof how === "object" && "reset" in how) return void request.socket.destroy();
    send(answer, request, response, typeof how === "object" && "half" in how ? how.half : undefined);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // A client that hangs up is nobody's failure.
    handle(request, response).catch(() => response.destroy());
  };
  const server =
    authority === undefined
      ? createServer(listener)
      : createTlsServer(authority.issue({ commonName: "s3", names: ["127.0.0.1", "localhost"] }), listener);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `${https ? "https" : "http"}://127.0.0.1:${port}`,
    ca: authority?.cert,
    keys,
    objects: store.objects,
    uploads: store.paths,
    requests,
    mostBytesAtOnce: () => mostBytes,
    put: (path, content, more) =>
      store.objects.set(path, { content: Buffer.from(content), metadata: {}, modifiedAt: clock(), ...more }),
    begin: (path) => store.begin(path, {}),
    fault: (fault) => faults.push({ fault, left: fault.times ?? 1 }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function bodyOf(request: IncomingMessage, count: (bytes: number) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    count((chunk as Buffer).length);
  }
  return Buffer.concat(chunks);
}

function callOf(request: IncomingMessage, body: Buffer): Call {
  const { pathname, searchParams: query } = new URL(request.url ?? "", "http://store");
  const [, bucket = "", ...key] = decodeURIComponent(pathname).split("/");
  return { request, method: request.method ?? "", bucket, key: key.join("/"), query, body };
}

function send(
  { status, headers = {}, body = "" }: Answer,
  { method, socket }: IncomingMessage,
  response: ServerResponse,
  half: "reset" | "silence" | undefined,
): void {
  const content = Buffer.from(body);
  response.writeHead(status, { "Content-Length": content.length, ...headers });
  if (method === "HEAD") response.end();
  else if (half === undefined) response.end(content);
  else response.write(content.subarray(0, content.length / 2), () => half === "reset" && socket.destroy());
}

const refused = ([status, code, message]: Refusal): Answer => ({
  status,
  headers: { "Content-Type": "application/xml" },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>1</RequestId></Error>`,
});

const xml = (root: string, content: string): Answer => ({
  status: 200,
  headers: { "Content-Type": "application/xml" },
  body: `<?xml version="1.0"?><${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`,
});

const etagOf = (content: Buffer): string => `"${createHash("md5").update(content).digest("hex")}"`;
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

const metadataOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("x-amz-meta-"))
      .map(([name, value]) => [name.slice("x-amz-meta-".length), String(value)]),
  );

interface Begun {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

/** Buckets and what is done with them. */
class Store {
  readonly objects = new Map<string, S3Object>();
  readonly paths = new Map<string, string>();
  readonly #begun = new Map<string, Begun>();
  readonly #options: S3ServerOptions & { readonly clock: () => Date };
  #uploads = 0;

  constructor(options: S3ServerOptions & { readonly clock: () => Date }) {
    this.#options = options;
  }

  begin(path: string, metadata: Readonly<Record<string, string>>): string {
    this.#uploads += 1;
    const id = `upload-${this.#uploads}`;
    this.#begun.set(id, { path, metadata, parts: new Map() });
    this.paths.set(id, path);
    return id;
  }

  answer(call: Call): Answer {
    const { method, bucket, key, query } = call;
    const { buckets = ["backups"] } = this.#options;
    if (!buckets.includes(bucket)) return refused([404, "NoSuchBucket", "The specified bucket does not exist"]);
    if (key === "" && query.has("uploads")) return this.#listUploads(call);
    if (key === "") return this.#list(call);
    const id = query.get("uploadId");
    if (method === "POST" && query.has("uploads")) {
      const upload = this.begin(`${bucket}/${key}`, metadataOf(call.request));
      return xml("InitiateMultipartUploadResult", `<UploadId>${upload}</UploadId>`);
    }
    if (id !== null) return this.#part(call, id);
    if (method === "PUT") return this.#put(call);
    if (method === "DELETE") {
      this.objects.delete(`${bucket}/${key}`);
      return { status: 204 };
    }
    return this.#get(call);
  }

  #refusesToWrite({ request, bucket, key }: Call): Answer | undefined {
    const { conditions = "kept" } = this.#options;
    if (request.headers["if-none-match"] === undefined || conditions === "ignored") return undefined;
    if (conditions === "not implemented") return refused([501, "NotImplemented", "A header is not implemented."]);
    if (!this.objects.has(`${bucket}/${key}`)) return undefined;
    return refused([412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"]);
  }

  #put(call: Call): Answer {
    const refusal = this.#refusesToWrite(call);
    if (refusal !== undefined) return refusal;
    const { request, bucket, key, body: content } = call;
    this.objects.set(`${bucket}/${key}`, {
      content,
      metadata: metadataOf(request),
      modifiedAt: this.#options.clock(),
    });
    return { status: 200, headers: { ETag: etagOf(content) } };
  }

  #part(call: Call, id: string): Answer {
    const begun = this.#begun.get(id);
    if (begun === undefined) return refused([404, "NoSuchUpload", "The specified upload does not exist."]);
    if (call.method === "PUT") {
      begun.parts.set(Number(call.query.get("partNumber")), call.body);
      return { status: 200, headers: { ETag: etagOf(call.body) } };
    }
    if (call.method === "POST") {
      const refusal = this.#refusesToWrite(call);
      if (refusal !== undefined) return refusal;
      const numbers = [...call.body.toString().matchAll(/<PartNumber>(\d+)/g)].map(([, number]) => Number(number));
      const parts = numbers.map((number) => begun.parts.get(number));
      const isWrong = parts.some(
        (part, index) => part === undefined || (part.length < LEAST && index < parts.length - 1),
      );
      if (isWrong) return refused([400, "InvalidPart", "One or more of the specified parts could not be found."]);
      const { path, metadata } = begun;
      const content = Buffer.concat(parts as Buffer[]);
      this.objects.set(path, { content, metadata, modifiedAt: this.#options.clock() });
    }
    this.#begun.delete(id);
    this.paths.delete(id);
    return call.method === "POST"
      ? xml("CompleteMultipartUploadResult", `<Key>${escaped(call.key)}</Key>`)
      : { status: 204 };
  }

  #get({ request, bucket, key }: Call): Answer {
    const object = this.objects.get(`${bucket}/${key}`);
    if (object === undefined) return refused([404, "NoSuchKey", "The specified key does not exist."]);
    const { content, metadata, modifiedAt } = object;
    const wanted = request.headers["if-match"];
    if (wanted !== undefined && wanted !== etagOf(content)) {
      return refused([412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"]);
    }
    const headers = {
      ETag: etagOf(content),
      "Last-Modified": modifiedAt.toUTCString(),
      ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    };
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    if (from === undefined || this.#options.ranges === false) return { status: 200, headers, body: content };
    const part = content.subarray(Number(from), to ? Number(to) + 1 : undefined);
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${content.length}`;
    return { status: 206, headers: { ...headers, "Content-Range": range }, body: part };
  }

  #list({ bucket, query }: Call): Answer {
    const { pageSize = 1000 } = this.#options;
    const prefix = query.get("prefix") ?? "";
    const keys = [...this.objects.keys()]
      .filter((path) => path.startsWith(`${bucket}/${prefix}`))
      .map((path) => path.slice(bucket.length + 1))
      .filter((key) => query.get("delimiter") !== "/" || !key.slice(prefix.length).includes("/"))
      .sort()
      .filter((key) => key > (query.get("continuation-token") ?? ""));
    const page = keys.slice(0, pageSize).map((key) => {
      const { content, modifiedAt } = this.objects.get(`${bucket}/${key}`) as S3Object;
      const { length } = content;
      return `<Contents><Key>${escaped(key)}</Key><LastModified>${modifiedAt.toISOString()}</LastModified><Size>${length}</Size></Contents>`;
    });
    const next = keys.length > pageSize ? keys[pageSize - 1] : undefined;
    const token = next === undefined ? "" : `<NextContinuationToken>${escaped(next)}</NextContinuationToken>`;
    return xml("ListBucketResult", `<IsTruncated>${next !== undefined}</IsTruncated>${token}${page.join("")}`);
  }

  #listUploads({ bucket, query }: Call): Answer {
    const left = [...this.paths].filter(([, path]) => path.startsWith(`${bucket}/${query.get("prefix") ?? ""}`));
    const listed = left.map(
      ([id, path]) => `<Upload><Key>${escaped(path.slice(bucket.length + 1))}</Key><UploadId>${id}</UploadId></Upload>`,
    );
    return xml("ListMultipartUploadsResult", listed.join(""));
  }
}

/** Of every part but the last, as AWS has it. */
const LEAST = 5 * 1024 * 1024;
