import type { EventEmitter } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { onTestFinished } from "vitest";

import type { Connection } from "../../../provider/hosts/connection.ts";
import { Host } from "../../../provider/hosts/host.ts";
import { Pool, type PoolOptions } from "../../../provider/hosts/pool.ts";
import { Secret } from "../../../provider/secrets.ts";
import { type Handler, type SshServer, type SshServerOptions, sshKeyPair, sshServer } from "../../fleet/ssh-server.ts";

export const KEYS = sshKeyPair();

/** An SSH server that lets KEYS in, and closes after the test. */
export async function aServer(options: SshServerOptions = {}): Promise<SshServer> {
  const server = await sshServer({ user: "root", authorizedKeys: [KEYS.publicKey], ...options });
  onTestFinished(() => server.close());
  return server;
}

export function aConnection({ port }: { port: number }, changes: Partial<Connection> = {}): Connection {
  return { host: "127.0.0.1", port, user: "root", privateKey: new Secret(KEYS.privateKey), ...changes };
}

export function aPool(options: PoolOptions = {}): Pool {
  const pool = new Pool(options);
  onTestFinished(() => pool.close());
  return pool;
}

export function aHost({ port }: { port: number }, changes: Partial<Connection> = {}): Host {
  return new Host({ name: "node-1", connection: aConnection({ port }, changes), pool: aPool() });
}

/** An HTTP server that never listens; each channel that is handed to it is one connection. */
export function answering(answer: RequestListener): Handler {
  return handTo(createServer(answer));
}

export function handTo(server: EventEmitter): Handler {
  return (stream) => {
    server.emit("connection", stream);
  };
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

export type Route = (request: Seen) => { status?: number; json?: unknown; text?: string | Buffer };

/** Answers by a route, and keeps what was asked. */
export function listener(route: Route, seen: Seen[]): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") };
      seen.push(asked);
      const { status = 200, json, text = json === undefined ? "" : JSON.stringify(json) } = route(asked);
      response.statusCode = status;
      response.end(text);
    });
  };
}

/** A Docker engine of one function. It knows its version; everything else is asked of the route. */
export function anEngine(route: Route, { version = {} }: { version?: object } = {}): { engine: Handler; seen: Seen[] } {
  const seen: Seen[] = [];
  const asked = listener(route, seen);
  const range = { Version: "27.5.1", ApiVersion: "1.47", MinAPIVersion: "1.24", Os: "linux", Arch: "amd64" };
  const engine = answering((request, response) => {
    if (request.url === "/version") response.end(JSON.stringify({ ...range, ...version }));
    else asked(request, response);
  });
  return { engine, seen };
}
