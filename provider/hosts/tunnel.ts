import { Agent } from "node:http";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as startTls } from "node:tls";
import { inspect } from "node:util";

import { LateSocket } from "./late-socket.ts";

/** Opens one more channel to the same socket or port. */
export type OpenChannel = () => Promise<Duplex>;

/** What to present and whom to trust, for a port that speaks TLS. */
export type Tls = Pick<ConnectionOptions, "ca" | "cert" | "key" | "servername" | "host" | "rejectUnauthorized">;

/**
 * An HTTP agent whose connections are channels of an SSH connection.
 * A channel serves one request after the other; no more than `maxChannels` are open at once, further requests wait.
 */
export class Tunnel extends Agent {
  readonly #open: OpenChannel;
  readonly #tls: Tls | undefined;

  constructor(open: OpenChannel, { maxChannels, tls }: { maxChannels: number; tls?: Tls | undefined }) {
    super({ keepAlive: true, maxSockets: maxChannels, maxFreeSockets: maxChannels });
    this.#open = open;
    this.#tls = tls;
  }

  override createConnection(): Duplex {
    const socket = new LateSocket(this.#open());
    if (this.#tls === undefined) return socket;
    const secure = startTls({ ...this.#tls, socket, minVersion: "TLSv1.2" });
    // The TLS layer says no more than that the connection ended; the channel knows why.
    socket.once("error", (error) => secure.destroy(error));
    return secure;
  }

  /** docker-modem prints each request with its agent for a log that is off; this keeps that cheap and free of secrets. */
  [inspect.custom](): string {
    return "Tunnel";
  }
}
