import { type IncomingMessage, request } from "node:http";

import { type ErrorCode, RkeError } from "../errors.ts";
import { abortable } from "./abortable.ts";
import type { Tunnel } from "./tunnel.ts";

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends one request through a tunnel and reads the whole answer, whatever its status is. */
export async function send(tunnel: Tunnel, { method, path, headers, body, signal }: HttpRequest): Promise<HttpAnswer> {
  signal?.throwIfAborted();
  const sent = request({
    agent: tunnel,
    method,
    path,
    headers: {
      Host: "127.0.0.1",
      Accept: "application/json",
      ...headers,
      // Node sends the body of a DELETE without a length of its own accord, and then it is no body.
      ...(body !== undefined && { "Content-Length": String(Buffer.byteLength(body)) }),
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once("response", resolve);
    // Stays for the life of the request: a connection that breaks later is told to the reader of the answer as well.
    sent.on("error", reject);
  });
  sent.end(body);
  // A request whose channel is still being opened does not notice an abort by itself.
  return abortable(answer.then(read), signal);
}

/** What answers at the far end of a tunnel. */
export interface Server {
  readonly code: ErrorCode;
  /** Reads before "could not be reached". */
  readonly server: string;
  readonly node: string;
  readonly tunnel: Tunnel;
}

/** Sends one request to a server of a node; one that does not get through is an error that says so. */
export async function sendTo(
  { code, server, node, tunnel }: Server,
  doing: string,
  request: HttpRequest,
): Promise<HttpAnswer> {
  try {
    return await send(tunnel, request);
  } catch (error) {
    request.signal?.throwIfAborted();
    if (error instanceof RkeError || !(error instanceof Error)) throw error;
    throw new RkeError(
      code,
      { doing, node, because: `${server} could not be reached: "${error.message}"` },
      { cause: error, transient: isConnectionLoss(error) },
    );
  }
}

/** Reads a stream of bytes to its end. A stream that breaks off is an error and never a short answer. */
export async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function read(answer: IncomingMessage): Promise<HttpAnswer> {
  const body = await readAll(answer);
  return { status: answer.statusCode ?? 0, body: body.toString("utf8") };
}

/** The object that a text of JSON stands for, or undefined when it is no JSON object. */
export function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a connection broke, so that the same request may succeed a moment later. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && "code" in error && LOSSES.has(String(error.code));
}

const LOSSES = new Set(["ECONNRESET", "EPIPE", "ECONNREFUSED", "ETIMEDOUT", "ECONNABORTED", "ERR_STREAM_DESTROYED"]);
