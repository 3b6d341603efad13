import type { Duplex } from "node:stream";

import { SocketLike } from "./socket-like.ts";

/**
 * An SSH channel that behaves as a socket. ssh2's channels answer `destroy()` only when the other side has, and never call
 * back a write to a channel that has closed, so an abort would wait for a machine that is silent.
 */
export function asSocket(channel: Duplex, options: ChannelSocketOptions = {}): ChannelSocket {
  return new ChannelSocket(channel, options);
}

export interface ChannelSocketOptions {
  /** Whether this side may go on writing when the other has ended, as an HTTP server must. */
  readonly allowHalfOpen?: boolean;
  /**
   * Asked once the channel has closed; an error is told to the reader in place of the end. For commands, whose output
   * ends before it is known whether they have failed.
   */
  readonly verdict?: () => Error | undefined;
}

export class ChannelSocket extends SocketLike {
  readonly #channel: Duplex;

  constructor(channel: Duplex, { allowHalfOpen = false, verdict }: ChannelSocketOptions) {
    super({ allowHalfOpen });
    this.#channel = channel;
    channel.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on("end", () => {
      if (verdict === undefined) this.#ended();
    });
    channel.on("close", () => this.#closed(verdict?.()));
    channel.on("error", (error: Error) => this.destroy(error));
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#channel.writable) this.#channel.write(chunk, encoding, done);
    else done(Object.assign(new Error("the other side has closed the connection"), { code: "EPIPE" }));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel.destroy();
    done(error);
  }

  #ended(): void {
    if (!this.readableEnded && !this.destroyed) this.push(null);
  }

  /** What has arrived before the channel closed can still be read. */
  #closed(error: Error | undefined): void {
    if (this.destroyed) return;
    if (error !== undefined) this.destroy(error);
    else if (this.readableEnded) this.destroy();
    else this.once("end", () => this.destroy());
    this.#ended();
  }
}
