import type { Duplex } from "node:stream";
import ssh2, { type AnyAuthMethod, type ConnectConfig, type ParsedKey, type ServerHostKeyAlgorithm } from "ssh2";

import { type Certificate, certifiedKey, readCertificate } from "./certificate.ts";
import { allowCertificate } from "./certificate-login.ts";
import {
  type Attempt,
  agentSilent,
  bastionRefused,
  closedEarly,
  connectError,
  hostKeyMismatch,
  tcpTimeout,
} from "./connect-errors.ts";
import type { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { type ClientError, handshakeError, type LoginRecord, watchHandshake } from "./handshake.ts";
import { expectedFingerprint, hostKeyAlgorithms, hostKeyOf, isPinned } from "./host-key.ts";
import { readableBySsh } from "./private-key.ts";
import { SshConnection } from "./ssh-connection.ts";

export interface ConnectOptions {
  /** The machine as people know it: `node-2 (10.0.0.12)`. */
  readonly machine: string;
  /** The connection to the proxy, for a machine that is behind one. */
  readonly through?: SshConnection | undefined;
  /** For the TCP connection, and again for the handshake with authentication. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** How often a quiet connection is tried; three unanswered tries end it. */
  readonly keepAliveMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Opens one SSH connection: TCP, handshake, host key, authentication. An error says which of these failed. */
export async function connectSsh(connection: Connection, options: ConnectOptions): Promise<SshConnection> {
  const { machine, through, handshakeTimeoutMs = 15_000, keepAliveMs = 15_000, signal } = options;
  const { host, port, user, hostKey: pin } = connection;
  const attempt: Attempt = { machine, host, port, user, handshakeTimeoutMs };
  const login = loginOf(connection, attempt);
  const algorithms = hostKeyAlgorithms(pin) as ServerHostKeyAlgorithm[];
  const expected = pin === undefined ? undefined : expectedFingerprint(pin);

  const socket = through === undefined ? await dial(attempt, { signal }) : await hop(through, attempt, signal);
  if (signal?.aborted) {
    socket.destroy();
    throw signal.reason;
  }
  const client = new ssh2.Client();
  const handshake = watchHandshake(client, socket);
  const ready = new Promise<SshConnection>((resolve, reject) => {
    const fail = (error: unknown) => {
      signal?.removeEventListener("abort", abort);
      client.destroy();
      socket.destroy();
      reject(error);
    };
    const abort = () => fail(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    client.on("error", (error: ClientError) => {
      if (error.level === "agent") login.agentFailed(error);
      else fail(handshakeError(attempt, { error, handshake, login }));
    });
    client.once("close", () => fail(handshakeError(attempt, { error: new Error("closed"), handshake, login })));
    // The connection takes over in the same moment: bad news may come in the packet that brought the good.
    client.once("ready", () => {
      const { hostKey } = handshake;
      if (hostKey === undefined) return fail(closedEarly(attempt, new Error("no host key was shown")));
      signal?.removeEventListener("abort", abort);
      client.removeAllListeners("error");
      client.removeAllListeners("close");
      resolve(new SshConnection(client, { socket, machine, user, hostKey }));
    });
  });
  const config: ConnectConfig = {
    sock: socket,
    username: user,
    authHandler: login.next,
    algorithms: { serverHostKey: algorithms },
    hostVerifier: (blob: Buffer) => {
      handshake.hostKey = hostKeyOf(blob);
      if (pin === undefined || isPinned(blob, pin)) return true;
      handshake.mismatch = hostKeyMismatch(attempt, {
        shown: handshake.hostKey.fingerprint,
        expected: expected ?? pin,
      });
      return false;
    },
    readyTimeout: handshakeTimeoutMs,
    keepaliveInterval: keepAliveMs,
    keepaliveCountMax: 3,
    // Otherwise ssh2 forwards Unix sockets only for servers that call themselves OpenSSH.
    strictVendor: false,
  };
  client.connect(config);
  if (login.certificate !== undefined && !allowCertificate(client, login.certificate)) {
    ready.catch(() => undefined);
    client.destroy();
    socket.destroy();
    throw connectError(attempt, {
      because: "this version of ssh2 cannot log in with a certificate",
      hint: NO_CERTIFICATE,
    });
  }
  return ready;
}

/** The ways in which a user can prove who they are, in the order in which they are offered. */
interface Login extends LoginRecord {
  readonly next: (accepted: string[] | null, partial: boolean | null, offer: (method: never) => void) => void;
  readonly certificate: Certificate | undefined;
  agentFailed(error: Error): void;
}

const NO_CERTIFICATE = "Log in with a key that is in authorized_keys, and report this with the version of ssh2";

async function hop(through: SshConnection, attempt: Attempt, signal: AbortSignal | undefined): Promise<Duplex> {
  const tooLate = AbortSignal.timeout(attempt.handshakeTimeoutMs);
  const stop = signal === undefined ? tooLate : AbortSignal.any([signal, tooLate]);
  try {
    const opening = await through.openTcp(attempt.host, attempt.port, { signal: stop });
    if (opening.status === "refused") throw bastionRefused(attempt, opening);
    return opening.stream;
  } catch (error) {
    signal?.throwIfAborted();
    throw tooLate.aborted ? tcpTimeout(attempt) : error;
  }
}

function loginOf(connection: Connection, attempt: Attempt): Login {
  const methods: { name: string; method: AnyAuthMethod }[] = [];
  const username = connection.user;
  const key = parsedKey(connection, attempt);
  const certified = certifiedBy(connection, key, attempt);
  if (certified !== undefined) {
    const { keyId, validUntil } = certified.certificate;
    const until = validUntil === undefined ? "" : `, valid until ${validUntil.toISOString()}`;
    methods.push({
      name: `the certificate "${keyId}"${until}`,
      method: { type: "publickey", username, key: certified.key },
    });
  }
  if (key !== undefined) {
    methods.push({
      name: `the key ${key.type} ${hostKeyOf(key.getPublicSSH()).fingerprint}`,
      method: { type: "publickey", username, key },
    });
  }
  const path = connection.agentSocketPath;
  if (path !== undefined && path !== "") {
    methods.push({
      name: `the keys of the agent at ${path}`,
      method: { type: "agent", username, agent: ssh2.createAgent(path) },
    });
  }
  if (methods.length === 0) {
    throw connectError(attempt, {
      because: `there is nothing to log in with as "${username}"`,
      hint: "Set privateKey, or agentSocketPath to the socket of a running SSH agent",
    });
  }

  const left = methods.values();
  const login: Login = {
    offered: [],
    accepted: [],
    onlyFailure: undefined,
    certificate: certified?.certificate,
    next: (accepted, _partial, offer) => {
      login.accepted = accepted ?? login.accepted;
      const { value } = left.next();
      if (value !== undefined) login.offered.push(value.name);
      (offer as (method: AnyAuthMethod | false) => void)(value?.method ?? false);
    },
    agentFailed: (cause) => {
      login.offered.splice(-1, 1, `the agent at ${path}, which does not answer`);
      login.onlyFailure = agentSilent(attempt, { path: path ?? "", cause });
    },
  };
  return login;
}

function parsedKey({ privateKey, privateKeyPassphrase }: Connection, attempt: Attempt): ParsedKey | undefined {
  if (privateKey === undefined) return undefined;
  const passphrase = privateKeyPassphrase?.unwrap();
  const key = parsed(privateKey.unwrap(), passphrase);
  if (key instanceof Error) {
    const locked = /passphrase given|passphrase required|interrupted or cancelled/i.test(key.message);
    throw connectError(attempt, {
      because: locked
        ? "the private key is locked by a passphrase and none is given"
        : `the private key cannot be read: "${key.message}"`,
      hint: locked
        ? "Set the passphrase, or use an SSH agent"
        : "Check the passphrase, and that privateKey is the text of the key (PEM or OpenSSH) and not its path",
    });
  }
  return key;
}

function certifiedBy(
  { certificate: line }: Connection,
  key: ParsedKey | undefined,
  attempt: Attempt,
): { key: ParsedKey; certificate: Certificate } | undefined {
  if (line === undefined || line.trim() === "") return undefined;
  try {
    if (key === undefined) throw new Error("its private key is not given");
    const certificate = readCertificate(line);
    return { certificate, key: certifiedKey(key, certificate) };
  } catch (error) {
    throw connectError(attempt, {
      because: `the certificate cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      hint: "Give the line of the …-cert.pub file that was issued for this private key, together with the key",
    });
  }
}

function parsed(text: string, passphrase: string | undefined): ParsedKey | Error {
  try {
    return ssh2.utils.parseKey(readableBySsh(text, { passphrase }), passphrase);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
