import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";

import { RkeError } from "../errors.ts";
import { abortable } from "./abortable.ts";
import type { Connection } from "./connection.ts";
import { Gate } from "./gate.ts";
import type { SshConnection } from "./ssh-connection.ts";

export interface PoolOptions {
  /** How many handshakes may be under way at once through one bastion; its sshd drops more than it likes (MaxStartups). */
  readonly handshakesPerBastion?: number;
  readonly handshakeTimeoutMs?: number;
  readonly keepAliveMs?: number;
}

/** One SSH connection per machine, made when it is first wanted, shared by all and made again after a loss. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #lines = new Map<string, Line>();
  readonly #closing = new AbortController();

  constructor(options: PoolOptions = {}) {
    this.#options = options;
    // Every handshake under way listens; Node takes more than ten for a leak.
    setMaxListeners(0, this.#closing.signal);
  }

  /** The connection to a machine. Callers that come during a handshake wait for the same one. */
  async connect(
    connection: Connection,
    { machine, signal }: { machine: string; signal?: AbortSignal | undefined },
  ): Promise<SshConnection> {
    this.#closing.signal.throwIfAborted();
    signal?.throwIfAborted();
    const line = this.#line(connection);
    line.opening ??= this.#open(connection, line, machine);
    return abortable(line.opening, signal);
  }

  /** Closes all connections, ends handshakes under way, and refuses new ones. */
  async close(): Promise<void> {
    this.#closing.abort(
      new RkeError("cancelled", { doing: "open an SSH connection", because: "the connections are being closed" }),
    );
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    const results = await Promise.allSettled(lines.map((line) => line.opening));
    const open = results.flatMap((result) => (result.status === "fulfilled" ? (result.value ?? []) : []));
    await Promise.all(open.map((ssh) => ssh.close()));
  }

  #line(connection: Connection): Line {
    const key = keyOf(connection);
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line: Line = { opening: undefined, hostKey: connection.hostKey, hops: new Gate(this.#hopWidth) };
    this.#lines.set(key, line);
    return line;
  }

  get #hopWidth(): number {
    return this.#options.handshakesPerBastion ?? 16;
  }

  /** Not stopped by the signal of whoever asked first: others wait for the same handshake. */
  async #open(connection: Connection, line: Line, machine: string): Promise<SshConnection> {
    try {
      const ssh = await this.#handshake(connection, line, machine);
      ssh.gone.throwIfAborted();
      // A key that was accepted on first contact holds for the later connections of this process.
      line.hostKey ??= ssh.hostKey.key;
      ssh.gone.addEventListener("abort", () => {
        line.opening = undefined;
      });
      return ssh;
    } catch (error) {
      line.opening = undefined;
      throw error;
    }
  }

  async #handshake(connection: Connection, line: Line, machine: string): Promise<SshConnection> {
    const signal = this.#closing.signal;
    const { handshakeTimeoutMs, keepAliveMs } = this.#options;
    // Only now: a preview opens no connection, and should not wait for ssh2 to be loaded.
    const { connectSsh } = await import("./ssh.ts");
    const target = line.hostKey === undefined ? connection : { ...connection, hostKey: line.hostKey };
    if (connection.proxy === undefined) return connectSsh(target, { machine, handshakeTimeoutMs, keepAliveMs, signal });

    const { proxy } = connection;
    const through = await this.connect(proxy, { machine: `bastion (${proxy.host})`, signal });
    const leave = await this.#line(proxy).hops.enter({ signal });
    try {
      return await connectSsh(target, { machine, through, handshakeTimeoutMs, keepAliveMs, signal });
    } finally {
      leave();
    }
  }
}

/** All that the pool knows about one machine. */
interface Line {
  opening: Promise<SshConnection> | undefined;
  hostKey: string | undefined;
  readonly hops: Gate;
}

/** The same machine with other credentials is another connection. Hashed, so that no map holds a key in the clear. */
function keyOf(connection: Connection): string {
  const { privateKey, privateKeyPassphrase, proxy, dockerSocketPath: _, ...plain } = connection;
  const parts = [
    Object.entries(plain).sort(([a], [b]) => (a < b ? -1 : 1)),
    privateKey?.unwrap(),
    privateKeyPassphrase?.unwrap(),
    proxy === undefined ? undefined : keyOf(proxy),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
