import { Agent } from "node:http";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";

import { LateSocket } from "./late-socket.ts";
import type { Secure } from "./tls-client.ts";

/** Opens one more channel to the same socket or port. */
export type OpenChannel = () => Promise<Duplex>;

/**
 * An HTTP agent whose connections are channels of an SSH connection.
 * A channel serves one request after the other; no more than `maxChannels` are open at once, further requests wait.
 */
export class Tunnel extends Agent {
  readonly #open: OpenChannel;
  readonly #secure: Secure | undefined;

  constructor(open: OpenChannel, { maxChannels, secure }: { maxChannels: number; secure?: Secure | undefined }) {
    super({ keepAlive: true, maxSockets: maxChannels, maxFreeSockets: maxChannels });
    this.#open = open;
    this.#secure = secure;
  }

  override createConnection(): Duplex {
    const socket = new LateSocket(this.#open());
    if (this.#secure === undefined) return socket;
    const secure = this.#secure(socket);
    // The TLS layer says no more than that the connection ended; the channel knows why.
    socket.once("error", (error) => secure.destroy(error));
    return secure;
  }

  /** docker-modem prints each request with its agent for a log that is off; this keeps that cheap and free of secrets. */
  [inspect.custom](): string {
    return "Tunnel";
  }
}
