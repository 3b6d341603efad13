import { Duplex } from "node:stream";

/**
 * A stream with the methods that Node's HTTP and TLS call on sockets. They do nothing: one keep-alive and one timeout of
 * the SSH connection stand for all its channels, and a channel keeps no process alive.
 */
export abstract class SocketLike extends Duplex {
  constructor(options: { readonly allowHalfOpen: boolean }) {
    super(options);
    // A channel may break before anybody listens to it; whoever gets it then sees that it is destroyed.
    this.on("error", () => undefined);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
