import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

import { type TlsFiles, whyNotTrusted } from "./certificates.ts";
import { agreed } from "./etcd-api.ts";
import { type EtcdCluster, EtcdError } from "./etcd-cluster.ts";
import { EtcdMember } from "./etcd-member.ts";
import { type Answer, exchange } from "./exchange.ts";
import type { HttpRefusal } from "./http.ts";
import { kubeRefusal, statusOf } from "./kube-refusal.ts";
import { serveResource } from "./kube-resources.ts";
import { KubeStore } from "./kube-store.ts";
import { endpointOf } from "./network.ts";
import type { Process } from "./programs.ts";
import { tryUnfinished } from "./world.ts";

export interface KubeApiOptions {
  readonly tls: TlsFiles;
  /** Client identity towards etcd, and the CA that etcd's certificates must be of. */
  readonly etcdTls: TlsFiles;
  readonly etcdServers: readonly string[];
  readonly allowsAnonymous: boolean;
  readonly version: string;
}

/** One running kube-apiserver: TLS with the cluster's certificates in front, whatever etcd it reaches behind. */
export class KubeApi {
  readonly process: Process;
  readonly tls: TlsFiles;
  readonly #options: KubeApiOptions;
  #server: Server | undefined;

  constructor(process: Process, options: KubeApiOptions) {
    this.process = process;
    this.tls = options.tls;
    this.#options = options;
  }

  get version(): string {
    return this.#options.version;
  }

  accept(socket: Duplex): void {
    this.#server ??= this.#listen();
    this.#server.emit("connection", socket);
  }

  /** The data behind this server, when a member answers that has a majority behind it. */
  clusterIfReachable(): EtcdCluster | undefined {
    return this.#members().find((member) => member.cluster.leaderOf(member) !== undefined)?.cluster;
  }

  /** The same with etcd's patience: a request that finds no majority waits, then fails. */
  async store(): Promise<KubeStore> {
    tryUnfinished(this.process.machine.world);
    const cluster = this.clusterIfReachable();
    if (cluster !== undefined) return new KubeStore(cluster, () => this.process.machine.now());
    const [member] = this.#members();
    if (member === undefined) throw kubeRefusal(500, "InternalError", "context deadline exceeded");
    try {
      await agreed(member);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      throw kubeRefusal(500, "InternalError", error.message);
    }
    return new KubeStore(member.cluster, () => this.process.machine.now());
  }

  /** The voting members that this server reaches and that accept its certificate. */
  #members(): readonly EtcdMember[] {
    const { machine } = this.process;
    const { etcdServers, etcdTls } = this.#options;
    return etcdServers.flatMap((url) => {
      const { host, port } = endpointOf(url);
      const dialled = machine.world.network.dial(machine, host, port);
      const member = typeof dialled === "string" ? undefined : dialled.service?.();
      if (!(member instanceof EtcdMember) || member.record?.isLearner !== false) return [];
      const distrust =
        whyNotTrusted(member.options.peerTls.cert, etcdTls.ca, { now: machine.now(), host }) ??
        whyNotTrusted(etcdTls.cert, member.options.peerTls.ca, { now: member.process.machine.now() });
      return distrust === undefined ? [member] : [];
    });
  }

  #listen(): Server {
    const { ca, cert, key } = this.tls;
    const server = createServer(
      { ca, cert, key, requestCert: true, rejectUnauthorized: false },
      (request, response) => void this.#serve(request, response),
    );
    server.keepAliveTimeout = 0;
    return server;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = request;
    const path = url.split("?")[0] ?? url;
    const of = {
      machine: this.process.machine,
      layer: "kube",
      what: `${method} ${path}`,
      mutating: method !== "GET" && method !== "HEAD",
      request,
      response,
      refusal: ({ status, message, body }: HttpRefusal) =>
        (body as { kind?: string }).kind === "Status" ? body : statusOf(status, message, { reason: "InternalError" }),
    } as const;
    await exchange(of, async (): Promise<Answer> => {
      const isOpen = this.#options.allowsAnonymous && /^\/(healthz|livez|readyz|version)/.test(path);
      if (!isOpen && !(request.socket as TLSSocket).authorized) throw kubeRefusal(401, "Unauthorized", "Unauthorized");
      if (/^\/(healthz|livez|readyz)/.test(path)) return this.#health(path, response);
      if (path === "/version") return { status: 200, body: versionOf(this.version) };
      return serveResource(await this.store(), { machine: this.process.machine, request });
    });
  }

  #health(path: string, response: ServerResponse): Answer {
    const isWell = path.startsWith("/livez") || this.clusterIfReachable() !== undefined;
    response.writeHead(isWell ? 200 : 500, { "content-type": "text/plain; charset=utf-8" });
    const name = path.slice(1).split("/")[0];
    response.end(isWell ? "ok" : `[+]ping ok\n[-]etcd failed: reason withheld\n${name} check failed\n`);
    return "streamed";
  }
}

function versionOf(version: string): object {
  const [major, minor] = version.split(".");
  return { major, minor, gitVersion: `v${version}`, platform: "linux/amd64" };
}
