import { RkeError } from "../errors.ts";
import type { Connection, HostKey } from "./connection.ts";
import { Docker } from "./docker.ts";
import { dockerTunnel } from "./docker-socket.ts";
import { Etcd } from "./etcd.ts";
import { type HttpAnswer, isConnectionLoss, readAll, send } from "./http.ts";
import { Kube } from "./kube.ts";
import type { Pool } from "./pool.ts";
import type { SshConnection } from "./ssh-connection.ts";
import { type ClientCertificate, identityOf, type Tls, TlsClient } from "./tls-client.ts";
import { Tunnel } from "./tunnel.ts";

export interface HostOptions {
  /** What people call the machine. */
  readonly name: string;
  readonly connection: Connection;
  readonly pool: Pool;
}

/** One machine. Nothing is opened before something is asked of it, and everything goes through one SSH connection. */
export class Host {
  readonly name: string;
  /** For errors and progress: `node-2 (10.0.0.12)`. */
  readonly machine: string;
  readonly #connection: Connection;
  readonly #pool: Pool;
  readonly #tls = new TlsClient();
  readonly #tunnels = new Set<Tunnel>();
  readonly #kubes = new Map<string, Kube>();
  readonly #etcds = new Map<string, Etcd>();
  #docker: Docker | undefined;

  constructor({ name, connection, pool }: HostOptions) {
    this.name = name;
    this.machine = name === connection.host ? name : `${name} (${connection.host})`;
    this.#connection = connection;
    this.#pool = pool;
  }

  /** Connects, if that has not happened yet, and returns the host key that the machine has shown. */
  async open({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<HostKey> {
    return (await this.#ssh(signal)).hostKey;
  }

  docker(): Docker {
    if (this.#docker === undefined) {
      const { dockerSocketPath: socketPath } = this.#connection;
      this.#docker = new Docker(this.#keep(dockerTunnel(() => this.#ssh(), { socketPath })), { machine: this.machine });
    }
    return this.#docker;
  }

  /** The API server on this machine, which must be a control plane node. Who asks again gets the connections that are open. */
  kube(certificate: ClientCertificate, { port = 6443 }: { port?: number } = {}): Kube {
    return kept(this.#kubes, whereTo(certificate, port), () => {
      return new Kube(this.tunnel(port, { tls: { ...certificate, host: LOOPBACK } }), { machine: this.machine });
    });
  }

  /**
   * The etcd member on this machine. It listens on the loopback address only when it listens on all addresses: RKE binds
   * it to the machine's internal address where that is not its address. `apiPrefix` is for etcd before 3.4.
   */
  etcd(
    certificate: ClientCertificate,
    { host = LOOPBACK, port = 2379, apiPrefix }: { host?: string; port?: number; apiPrefix?: string | undefined } = {},
  ): Etcd {
    return kept(this.#etcds, whereTo(certificate, host, port, apiPrefix), () => {
      const tunnel = this.tunnel(port, { host, tls: { ...certificate, host } });
      return new Etcd(tunnel, { machine: this.machine, apiPrefix });
    });
  }

  /** Fetches a page from a port of the machine, such as the health of a component that listens on its loopback only. */
  async fetch(
    { port, path, host = LOOPBACK }: { port: number; path: string; host?: string },
    { tls, signal }: { tls?: Tls; signal?: AbortSignal | undefined } = {},
  ): Promise<HttpAnswer> {
    const tunnel = this.tunnel(port, { host, tls });
    try {
      return await send(tunnel, { method: "GET", path, signal });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RkeError || !(error instanceof Error)) throw error;
      const because = `the connection broke: "${error.message}"`;
      const detail = { doing: `fetch ${path} from port ${port}`, node: this.machine, because };
      throw new RkeError("ssh", detail, { cause: error, transient: isConnectionLoss(error) });
    } finally {
      tunnel.destroy();
      this.#tunnels.delete(tunnel);
    }
  }

  /** An HTTP agent for a TCP port as the machine sees it. Closed with the host. */
  tunnel(port: number, { host = LOOPBACK, tls }: { host?: string; tls?: Tls | undefined } = {}): Tunnel {
    const open = async () => {
      const opening = await (await this.#ssh()).openTcp(host, port);
      if (opening.status === "opened") return opening.stream;
      throw forwardingRefused({ machine: this.machine, target: `${host}:${port}`, ...opening });
    };
    const secure = tls === undefined ? undefined : this.#tls.to(`${host}:${port}`, tls);
    return this.#keep(new Tunnel(open, { maxChannels: TCP_CHANNELS, secure }));
  }

  /** Runs a command in the user's login shell. Only preflight checks and diagnosis need this. */
  async exec(
    command: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number | undefined }> {
    const { stream, ended } = await (await this.#ssh(signal)).run(command, { signal });
    const stop = () => stream.destroy(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const stdout = await readAll(stream.end());
      return { stdout: stdout.toString("utf8"), ...(await ended) };
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Ends what this host has open. The SSH connection belongs to the pool, which others may be using. */
  close(): void {
    for (const tunnel of this.#tunnels) tunnel.destroy();
    this.#tunnels.clear();
    this.#kubes.clear();
    this.#etcds.clear();
    this.#docker = undefined;
  }

  async #ssh(signal?: AbortSignal): Promise<SshConnection> {
    return this.#pool.connect(this.#connection, { machine: this.machine, signal });
  }

  #keep(tunnel: Tunnel): Tunnel {
    this.#tunnels.add(tunnel);
    return tunnel;
  }
}

const LOOPBACK = "127.0.0.1";

/** Per port; enough for an API server that is asked about many nodes at once. */
const TCP_CHANNELS = 24;

const whereTo = (certificate: ClientCertificate, ...where: readonly (string | number | undefined)[]): string =>
  JSON.stringify([identityOf(certificate), ...where]);

function kept<T>(known: Map<string, T>, identity: string, make: () => T): T {
  const found = known.get(identity);
  if (found !== undefined) return found;
  const made = make();
  known.set(identity, made);
  return made;
}

function forwardingRefused({
  machine,
  target,
  prohibited,
  text,
}: {
  machine: string;
  target: string;
  prohibited: boolean;
  text: string;
}): RkeError {
  return new RkeError(
    "ssh",
    {
      doing: `reach port ${target}`,
      node: machine,
      because: prohibited ? `sshd does not forward connections ("${text}")` : `nothing answers there ("${text}")`,
      hint: prohibited
        ? "Set AllowTcpForwarding yes in the sshd_config of the machine, and check PermitOpen"
        : "Check that the container that listens there is running (docker ps) and what it says (docker logs)",
    },
    { transient: !prohibited },
  );
}
