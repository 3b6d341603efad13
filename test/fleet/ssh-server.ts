import { generateKeyPairSync } from "node:crypto";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import type { Duplex, Writable } from "node:stream";
import ssh2, {
  type AuthContext,
  type Connection,
  type PublicKeyAuthContext,
  type ServerChannel,
  type Session,
} from "ssh2";

import { asSocket } from "../../provider/hosts/as-socket.ts";
import { readableBySsh } from "../../provider/hosts/private-key.ts";
import { provesByCertificate } from "./ssh-certificate.ts";
import { countTurns, farther } from "./ssh-wire.ts";

/** What answers a channel: gets the server's end of it, which behaves as a socket (hand it to an `http.Server`). */
export type Handler = (stream: Duplex) => void;

/** A channel that is not opened, as sshd says it; `silence` never answers at all. */
export type Refusal = { readonly refuse: "prohibited" | "failed" | "silence"; readonly text?: string };

export interface ExecAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
}

export interface SshServerOptions {
  /** Unset: any that is free. */
  readonly port?: number;
  /** The only user that may log in; unset lets any in. */
  readonly user?: string;
  /** Public keys that may log in, as lines of authorized_keys; unset lets any in. */
  readonly authorizedKeys?: readonly string[];
  /** Public keys that sign user certificates, as lines. Unset: no certificate lets anybody in. */
  readonly certificateAuthorities?: readonly string[];
  /** Private key of the server in OpenSSH's format; unset makes an ed25519 key. */
  readonly hostKey?: string;
  /** Answers a command. Unset: every command is unknown to the shell. */
  readonly exec?: (command: string) => ExecAnswer | Handler;
  /** Opens a Unix socket of the machine. Unset: forwarding is prohibited. */
  readonly streamlocal?: (path: string) => Handler | Refusal;
  /** Opens a TCP port as the machine sees it. Unset: forwarding is prohibited. */
  readonly directTcpip?: (host: string, port: number) => Handler | Refusal;
  /** sshd's MaxSessions: how many commands may run at once on one connection. */
  readonly maxSessions?: number;
  /** Key exchange algorithms on offer, to provoke a mismatch. */
  readonly kex?: readonly string[];
}

/** Ways to misbehave. Change them at any time; they hold for what comes next. */
export interface SshFaults {
  /** What happens to a new TCP connection: `hang` never greets, `close` ends it, `babble` speaks something else than SSH. */
  onConnect: "accept" | "hang" | "close" | "babble";
  refuseAuthentication: boolean;
  /** Added to each round trip. */
  latencyMs: number;
}

export interface SshCounts {
  /** TCP connections ever accepted. */
  connections: number;
  /** Connections ever authenticated. */
  handshakes: number;
  openConnections: number;
  sessions: number;
  streamlocals: number;
  directTcpips: number;
  openChannels: number;
  mostOpenChannels: number;
  /** How often a client has spoken after it was spoken to: the round trips a far client waits for. */
  turns: number;
}

export interface SshServer {
  readonly port: number;
  /** The host key as a line of known_hosts without the name: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  readonly faults: SshFaults;
  readonly counts: Readonly<SshCounts>;
  /** Stops reading what comes on the connections that there are, as a hung machine or a dropped route does. */
  freeze(): void;
  /** Cuts all connections, as a crash of the machine or the network does. */
  drop(): void;
  close(): Promise<void>;
}

/** Starts a real SSH server on 127.0.0.1. Commands, Unix sockets and TCP ports behind it are what the options say. */
export async function sshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const hostKey = options.hostKey ?? sshKeyPair().privateKey;
  const faults: SshFaults = { onConnect: "accept", refuseAuthentication: false, latencyMs: 0 };
  const counts: SshCounts = {
    connections: 0,
    handshakes: 0,
    openConnections: 0,
    sessions: 0,
    streamlocals: 0,
    directTcpips: 0,
    openChannels: 0,
    mostOpenChannels: 0,
    turns: 0,
  };
  const server: Server = { options, faults, counts };
  const protocol = new ssh2.Server(
    {
      hostKeys: [hostKey],
      keepaliveInterval: 2 ** 31 - 1,
      ...(options.kex === undefined ? {} : { algorithms: { kex: options.kex as ssh2.KexAlgorithm[] } }),
    },
    (connection) => serve(server, connection),
  );
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    counts.connections++;
    counts.openConnections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      counts.openConnections--;
      sockets.delete(socket);
    });
    if (faults.onConnect === "close") socket.destroy();
    else if (faults.onConnect === "babble") socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else if (faults.onConnect === "accept") {
      countTurns(socket, counts);
      protocol.injectSocket(faults.latencyMs === 0 ? socket : (farther(socket, faults) as Socket));
    }
  });
  await new Promise<void>((resolve) => listener.listen(options.port ?? 0, "127.0.0.1", resolve));

  const drop = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const freeze = () => {
    for (const socket of sockets) socket.removeAllListeners("data").pause();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    hostKey: publicKeyOf(hostKey),
    faults,
    counts,
    freeze,
    drop,
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/**
 * A new key pair in OpenSSH's formats: ed25519, or ECDSA when there is a passphrase. Node makes the former, because ssh2
 * drops a leading zero of the public key, and one key in a few hundred cannot be read by anybody.
 */
export function sshKeyPair({ passphrase }: { passphrase?: string } = {}): { privateKey: string; publicKey: string } {
  const privateKey =
    passphrase === undefined
      ? readableBySsh(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString())
      : ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256, passphrase, cipher: "aes256-ctr", rounds: 1 }).private;
  return { privateKey, publicKey: publicKeyOf(privateKey, passphrase) };
}

/** A handler that carries the bytes to a TCP port of this machine: what makes a server a bastion. */
export function forwardToPort(port: number): Handler {
  return (stream) => {
    const socket = dial({ port, host: "127.0.0.1", noDelay: true });
    stream.pipe(socket).pipe(stream);
    socket.on("error", () => stream.destroy());
    socket.on("close", () => stream.destroy());
    stream.on("error", () => socket.destroy());
    stream.on("close", () => socket.destroy());
  };
}

interface Server {
  readonly options: SshServerOptions;
  readonly faults: SshFaults;
  readonly counts: SshCounts;
}

function serve(server: Server, connection: Connection): void {
  const { options, counts } = server;
  const { maxSessions = 10 } = options;
  let openSessions = 0;
  connection.on("error", () => undefined);
  connection.on("authentication", (context) => {
    if (mayLogIn(server, context)) context.accept();
    else context.reject(["publickey"]);
  });
  connection.on("ready", () => {
    counts.handshakes++;
  });

  const startSession = (accept: () => Session, reject: () => void) => {
    if (openSessions >= maxSessions) {
      reject();
      return;
    }
    counts.sessions++;
    openSessions++;
    accept().on("exec", (acceptExec, _rejectExec, { command }) => {
      const channel = opened(counts, acceptExec());
      channel.on("close", () => openSessions--);
      const answer = options.exec?.(command) ?? { stderr: `sh: ${command.split(" ")[0]}: not found\n`, code: 127 };
      if (typeof answer === "function") answer(asSocket(channel, { allowHalfOpen: true }));
      else finish(channel, answer);
    });
  };
  connection.on("session", (accept, reject) => {
    // A session that was closed just before this one was asked for is counted until its events have run.
    if (openSessions < maxSessions) startSession(accept, reject);
    else setImmediate(startSession, accept, reject);
  });

  const forward = (answer: Handler | Refusal, accept: () => ServerChannel, reject: () => void) => {
    if (typeof answer === "function") answer(asSocket(opened(counts, accept()), { allowHalfOpen: true }));
    else if (answer.refuse !== "silence") refuse(connection, answer, reject);
  };
  const prohibited: Refusal = { refuse: "prohibited" };
  connection.on("openssh.streamlocal", (accept, reject, { socketPath }) => {
    counts.streamlocals++;
    forward(options.streamlocal?.(socketPath) ?? prohibited, accept, reject);
  });
  connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
    counts.directTcpips++;
    forward(options.directTcpip?.(destIP, destPort) ?? prohibited, accept, reject);
  });
}

function mayLogIn({ options, faults }: Server, context: AuthContext): boolean {
  if (faults.refuseAuthentication || context.method !== "publickey") return false;
  if (options.user !== undefined && options.user !== context.username) return false;
  if (provesByCertificate(context, options.certificateAuthorities ?? [])) return true;
  return options.authorizedKeys === undefined || options.authorizedKeys.some((line) => proves(context, line));
}

/** A client asks first whether a key would do, without a signature, and signs when it hears yes. */
function proves({ key, signature, blob, hashAlgo }: PublicKeyAuthContext, line: string): boolean {
  const allowed = ssh2.utils.parseKey(line);
  if (allowed instanceof Error || !allowed.getPublicSSH().equals(key.data)) return false;
  return signature === undefined || blob === undefined || allowed.verify(blob, signature, hashAlgo) === true;
}

function finish(channel: ServerChannel, { stdout = "", stderr = "", code = 0 }: ExecAnswer): void {
  (channel.stderr as Writable).write(stderr);
  channel.write(stdout);
  channel.exit(code);
  channel.end();
  channel.resume();
}

function opened(counts: SshCounts, channel: ServerChannel): ServerChannel {
  counts.openChannels++;
  counts.mostOpenChannels = Math.max(counts.mostOpenChannels, counts.openChannels);
  channel.once("close", () => counts.openChannels--);
  return channel;
}

/** ssh2 always says "connect failed" and never why, so the reason is put into the packet that it is about to send. */
function refuse(connection: Connection, refusal: Refusal, reject: () => void): void {
  const { _protocol: protocol } = connection as unknown as { _protocol: { channelOpenFail: OpenFail } };
  const original = protocol.channelOpenFail;
  const reason = refusal.refuse === "prohibited" ? 1 : 2;
  protocol.channelOpenFail = (id) => original.call(protocol, id, reason, refusal.text ?? "open failed");
  reject();
  protocol.channelOpenFail = original;
}

type OpenFail = (channelId: number, reason: number, text: string) => void;

function publicKeyOf(privateKey: string, passphrase?: string): string {
  const key = ssh2.utils.parseKey(privateKey, passphrase);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}
