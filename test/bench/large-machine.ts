import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { packedStream } from "../../provider/hosts/archive-stream.ts";
import { sshKeyPair, sshServer } from "../fleet/ssh-server.ts";

/** What a client needs to reach the machine. */
export interface LargeMachine {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  readonly hostKey: string;
}

/**
 * A machine with a database of so many megabytes, behind a real SSH server and as much of Docker's API as fetching and
 * storing an archive takes. Nothing is kept: what is sent is made on the way, and what arrives is counted.
 */
export async function largeMachine({ mb }: { readonly mb: number }): Promise<LargeMachine> {
  const docker = createServer(
    (request, response) => void answer(request, response, mb).catch(() => response.destroy()),
  );
  const { privateKey, publicKey } = sshKeyPair();
  const { port, hostKey } = await sshServer({
    authorizedKeys: [publicKey],
    streamlocal: () => (stream) => void docker.emit("connection", stream),
  });
  return { host: "127.0.0.1", port, user: "root", privateKey, hostKey };
}

async function answer(request: IncomingMessage, response: ServerResponse, mb: number): Promise<void> {
  const { method, url = "", headers } = request;
  const json = (status: number, body: object) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (url.startsWith("/version")) return json(200, { Version: "28.1.1", ApiVersion: "1.49", MinAPIVersion: "1.24" });
  if (method === "GET" && url.includes("/archive")) {
    const isSqueezed = headers["accept-encoding"] === "gzip";
    response.writeHead(200, { "content-type": "application/x-tar", ...(isSqueezed && { "content-encoding": "gzip" }) });
    const archive = packedStream({ name: "snapshot", mode: 0o600, sizeBytes: mb * 2 ** 20 + 32 }, database(mb));
    await (isSqueezed ? pipeline(archive, createGzip(), response) : pipeline(archive, response));
    return;
  }
  for await (const _ of request);
  if (url.includes("/containers/create")) return json(201, { Id: "made", Warnings: [] });
  if (url.includes("/wait")) return json(200, { StatusCode: 0 });
  response.writeHead(url.includes("/logs") || url.includes("/archive") ? 200 : 204).end();
}

/** Pages of which a part is new each time, with etcd's checksum behind them. */
export function database(mb: number): Readable {
  function* pages(): Generator<Buffer> {
    const sha256 = createHash("sha256");
    const block = Buffer.alloc(2 ** 20, '{"kind":"Pod","metadata":{"name":"web-');
    for (let index = 0; index < mb; index++) {
      for (let at = 0; at < block.length; at += 2 ** 16) randomBytes(2 ** 14).copy(block, at);
      sha256.update(block);
      yield Buffer.from(block);
    }
    yield sha256.digest();
  }
  return Readable.from(pages(), { objectMode: false });
}
