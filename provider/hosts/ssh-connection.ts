import type { Duplex, Readable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";

import { RkeError } from "../errors.ts";
import { abortable } from "./abortable.ts";
import { asSocket, type ChannelSocket, type ChannelSocketOptions } from "./as-socket.ts";
import type { HostKey } from "./connection.ts";
import { Gate } from "./gate.ts";

/** Whether the far side opened a channel. A refusal is an answer and not an error: there may be another way. */
export type Opening =
  | { readonly status: "opened"; readonly stream: ChannelSocket }
  | { readonly status: "refused"; readonly prohibited: boolean; readonly text: string };

/** A running command: its standard input and output as one stream, and how it ended. */
export interface RunningCommand {
  readonly stream: ChannelSocket;
  /** Resolves when the command has ended and its output has been read; never rejects. */
  readonly ended: Promise<CommandEnd>;
}

export interface CommandEnd {
  /** Undefined when a signal or the loss of the connection ended the command. */
  readonly code: number | undefined;
  /** The first kilobytes of standard error. */
  readonly stderr: string;
}

/** Below sshd's default MaxSessions of 10, which only commands count against, with room for a person's own login. */
const SESSIONS_AT_ONCE = 8;

const STDERR_LIMIT = 8192;

const GOODBYE_MS = 1000;

/** What a finished handshake hands over. */
export interface Authenticated {
  /** What carries the connection: a TCP socket, or a channel through a bastion. */
  readonly socket: Duplex;
  readonly machine: string;
  readonly user: string;
  readonly hostKey: HostKey;
}

/** One authenticated SSH connection, which carries any number of channels until it is closed or lost. */
export class SshConnection {
  readonly machine: string;
  readonly user: string;
  /** The key that the server has shown, which was the pinned one if one was pinned. */
  readonly hostKey: HostKey;
  readonly #client: Client;
  readonly #socket: Duplex;
  readonly #sessions = new Gate(SESSIONS_AT_ONCE);
  readonly #streams = new Set<ChannelSocket>();
  readonly #gone = new AbortController();
  #because: string | undefined;
  #closing = false;

  constructor(client: Client, { socket, machine, user, hostKey }: Authenticated) {
    this.#client = client;
    this.#socket = socket;
    this.machine = machine;
    this.user = user;
    this.hostKey = hostKey;
    client.on("error", (error) => {
      this.#because ??= error.message;
    });
    client.on("close", () => this.#end());
  }

  /** Aborts when the connection is closed or lost; its reason is the error to show. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  async openUnixSocket(path: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Opening> {
    return this.#open((done) => this.#client.openssh_forwardOutStreamLocal(path, done), signal);
  }

  /** Opens a TCP connection from the machine; the name is resolved there. */
  async openTcp(host: string, port: number, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Opening> {
    return this.#open((done) => this.#client.forwardOut("127.0.0.1", 0, host, port, done), signal);
  }

  /**
   * Starts a command by the login shell of the user. Waits for a free session first.
   * `verdict` may turn an exit code into an error, which whoever reads the output then gets.
   */
  async run(
    command: string,
    { signal, verdict }: { signal?: AbortSignal | undefined; verdict?: (end: CommandEnd) => Error | undefined } = {},
  ): Promise<RunningCommand> {
    const leave = await this.#sessions.enter({ signal });
    try {
      return await this.#channel((done) => this.#client.exec(command, done), {
        signal,
        adopt: (channel) => {
          const end = collectEnd(channel);
          const stream = this.#track(channel, { verdict: () => verdict?.(end()) });
          stream.once("close", leave);
          const ended = new Promise<CommandEnd>((resolve) => {
            stream.once("close", () => resolve(end()));
          });
          return { stream, ended };
        },
      });
    } catch (error) {
      leave();
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      throw new RkeError("ssh", {
        doing: `run "${command}"`,
        node: this.machine,
        because: `sshd opened no session ("${refusal.text}")`,
        hint: "Check MaxSessions in the sshd_config of the machine, and that the user may run commands",
      });
    }
  }

  /** Says goodbye and waits until the connection is down, but not long for a machine that does not answer. */
  async close(): Promise<void> {
    if (this.gone.aborted) return;
    this.#closing = true;
    const down = new Promise<void>((resolve) => {
      this.gone.addEventListener("abort", () => resolve(), { once: true });
    });
    for (const stream of this.#streams) stream.destroy();
    this.#client.end();
    await abortable(down, AbortSignal.timeout(GOODBYE_MS)).catch(() => this.#socket.destroy());
    await down;
  }

  async #open(open: Opener, signal: AbortSignal | undefined): Promise<Opening> {
    try {
      const stream = await this.#channel(open, { signal, adopt: (channel) => this.#track(channel) });
      return { status: "opened", stream };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return { status: "refused", ...refusal };
    }
  }

  /**
   * Opens a channel. It is adopted in the moment it opens, because its first words and even its end may have come in the
   * same packet; one that opens when nobody wants it any more is closed at once.
   */
  async #channel<T>(open: Opener, { signal, adopt }: Adoption<T>): Promise<T> {
    signal?.throwIfAborted();
    this.gone.throwIfAborted();
    let wanted = true;
    const opening = new Promise<T>((resolve, reject) => {
      open((error, channel) => {
        if (error !== undefined) reject(error);
        else if (wanted) resolve(adopt(channel));
        else channel.destroy();
      });
    });
    try {
      const stop = signal === undefined ? this.gone : AbortSignal.any([signal, this.gone]);
      return await abortable(opening, stop);
    } catch (error) {
      wanted = false;
      if (refusalOf(error) === undefined) this.gone.throwIfAborted();
      throw error;
    }
  }

  #track(channel: ClientChannel, options: ChannelSocketOptions = {}): ChannelSocket {
    const stream = asSocket(channel, options);
    this.#streams.add(stream);
    stream.once("close", () => this.#streams.delete(stream));
    return stream;
  }

  #end(): void {
    if (this.gone.aborted) return;
    const because = this.#because ?? "the other side closed it";
    const error = this.#closing
      ? new RkeError("cancelled", { doing: "use the SSH connection", node: this.machine, because: "it was closed" })
      : new RkeError("ssh", { doing: "keep the SSH connection", node: this.machine, because }, { transient: true });
    this.#gone.abort(error);
    for (const stream of this.#streams) stream.destroy(error);
  }
}

interface Adoption<T> {
  readonly signal: AbortSignal | undefined;
  readonly adopt: (channel: ClientChannel) => T;
}

type Opener = (done: (error: Error | undefined, channel: ClientChannel) => void) => unknown;

/** What sshd says when it does not open a channel; other failures have no such number. */
function refusalOf(error: unknown): { prohibited: boolean; text: string } | undefined {
  if (!(error instanceof Error) || !("reason" in error) || typeof error.reason !== "number") return undefined;
  const said = error.message.replace(/^\(SSH\) Channel open failure: /, "");
  const prohibited = error.reason === ADMINISTRATIVELY_PROHIBITED;
  return { prohibited, text: said === "" ? (prohibited ? "administratively prohibited" : "open failed") : said };
}

/** RFC 4254, section 5.1. */
const ADMINISTRATIVELY_PROHIBITED = 1;

/** Watches a command; the function returned tells what is known of its end so far. */
function collectEnd(channel: ClientChannel): () => CommandEnd {
  let code: number | undefined;
  let stderr = "";
  (channel.stderr as Readable).on("data", (chunk: Buffer) => {
    if (stderr.length < STDERR_LIMIT) stderr += chunk.toString("utf8");
  });
  channel.on("exit", (exitCode: number | null) => {
    code = exitCode ?? undefined;
  });
  return () => ({ code, stderr: stderr.trim() });
}
