import type { Duplex } from "node:stream";

import { SocketLike } from "./socket-like.ts";

/**
 * A socket that exists before its channel does, as a `net.Socket` exists before it is connected. Node's HTTP agent counts
 * and queues by the sockets it has, and aborts by destroying them; both need one from the start.
 */
export class LateSocket extends SocketLike {
  #channel: Duplex | undefined;
  #waiting: ((channel: Duplex) => void) | undefined;

  constructor(opening: Promise<Duplex>) {
    super({ allowHalfOpen: false });
    opening.then(
      (channel) => this.#adopt(channel),
      (error: Error) => this.destroy(error),
    );
  }

  override _read(): void {
    this.#channel?.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#whenOpen((channel) => channel.write(chunk, encoding, done));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#whenOpen((channel) => {
      channel.end();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel?.destroy();
    done(error);
  }

  /** A channel that opens when nobody wants it any more is closed at once; one that is broken already says why. */
  #adopt(channel: Duplex): void {
    if (this.destroyed) {
      channel.destroy();
      return;
    }
    if (channel.destroyed) {
      const reset = Object.assign(new Error("the other side closed the connection at once"), { code: "ECONNRESET" });
      this.destroy(channel.errored ?? reset);
      return;
    }
    this.#channel = channel;
    channel.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on("end", () => this.push(null));
    channel.on("error", (error) => this.destroy(error));
    channel.on("close", () => {
      if (this.readableEnded || this.destroyed) this.destroy();
      else this.once("end", () => this.destroy());
    });
    this.#waiting?.(channel);
    this.#waiting = undefined;
  }

  /** A stream has no more than one write or end under way. */
  #whenOpen(deed: (channel: Duplex) => void): void {
    if (this.#channel === undefined) this.#waiting = deed;
    else deed(this.#channel);
  }
}
