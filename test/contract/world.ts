import { afterAll, beforeAll, inject } from "vitest";

import { DockerCalls } from "../../provider/hosts/docker-calls.ts";
import type { DockerCall } from "../../provider/hosts/docker-send.ts";
import { dockerTunnel } from "../../provider/hosts/docker-socket.ts";
import type { Host } from "../../provider/hosts/host.ts";
import { type HttpAnswer, type HttpRequest, jsonObject, readAll, send } from "../../provider/hosts/http.ts";
import type { Pool } from "../../provider/hosts/pool.ts";
import type { ClientCertificate, Tls } from "../../provider/hosts/tls-client.ts";
import type { Bundle } from "../../provider/pki/bundle.ts";
import type { Operation } from "../../provider/resources/operation.ts";
import { clientOf, clusterOperation, type Machines, machineHost } from "./cluster.ts";
import { realMachines } from "./real-machines.ts";
import { simulatedMachines } from "./simulated-machines.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Whether the machines are simulated or those of the lab. */
    readonly world: "simulated" | "real";
    /** Of the cluster that runs on the machines of the lab. */
    readonly certificates: readonly PlainCertificate[];
  }
}

/** A certificate of a bundle as it is handed to the processes of the tests. */
export interface PlainCertificate {
  readonly name: string;
  readonly certificate: string;
  readonly key: string;
}

/** What a test runs against: machines 1, 2, 3 … and, if the test file asks for one, the cluster on them. */
export interface World extends Machines {
  readonly pool: Pool;
  /** Of the cluster; all are missing without one. */
  readonly certificates: Bundle;
  readonly close: () => Promise<void>;
}

/**
 * The world of a test file, made before its tests and ended after them. The same tests run against simulated machines
 * and against the lab; which one it is says the project of the run (vitest.config.mts).
 */
export function aWorld({ cluster = false }: { cluster?: boolean } = {}): Ask {
  let world: World | undefined;
  const hosts = new Map<number, Host>();
  const here = (): World => {
    if (world === undefined) throw new Error("The world has not been made yet");
    return world;
  };
  const host = (index = 1): Host => {
    const made = hosts.get(index) ?? machineHost(here(), index, here().pool);
    hosts.set(index, made);
    return made;
  };

  beforeAll(async () => {
    world = await (isReal() ? realMachines() : simulatedMachines({ cluster }));
  });

  afterAll(async () => {
    for (const one of hosts.values()) one.close();
    await world?.close();
  });

  return {
    here,
    host,
    docker: (index) => host(index).docker(),
    rawDocker: async (call) => rawDocker(here(), call),
    etcd: (index) => host(index).etcd(clientOf(here().certificates, "kube-node")),
    kube: () => host().kube(clientOf(here().certificates, "kube-admin")),
    client: (name) => clientOf(here().certificates, name),
    raw: async (port, request, { tls, index } = {}) => raw(host(index), { port, request, tls }),
    operation: () => clusterOperation(here(), here().certificates),
  };
}

/** The questions that tests ask. */
export interface Ask {
  readonly here: () => World;
  readonly host: (index?: number) => Host;
  readonly docker: (index?: number) => ReturnType<Host["docker"]>;
  /** Docker's answer on the first machine as it came, whatever its status is. */
  readonly rawDocker: (call: DockerCall) => Promise<RawAnswer>;
  readonly etcd: (index?: number) => ReturnType<Host["etcd"]>;
  readonly kube: () => ReturnType<Host["kube"]>;
  readonly client: (name: string) => ClientCertificate;
  /** What a port of a machine answers, whatever its status is. */
  readonly raw: (
    port: number,
    request: HttpRequest,
    options?: { readonly tls?: Tls | undefined; readonly index?: number },
  ) => Promise<RawAnswer>;
  readonly operation: () => Operation;
}

export interface RawAnswer extends HttpAnswer {
  readonly headers: NodeJS.Dict<string | string[]>;
  /** The body, where it is an object or a list of JSON. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

export const isReal = (): boolean => inject("world") === "real";

async function rawDocker(world: World, call: DockerCall): Promise<RawAnswer> {
  const connection = world.connections(world.addresses[0] ?? "");
  const tunnel = dockerTunnel(() => world.pool.connect(connection, { machine: connection.host }));
  try {
    const answer = await new DockerCalls(tunnel, { machine: connection.host }).answer("ask Docker", call);
    const body = (await readAll(answer)).toString("utf8");
    return { status: answer.statusCode ?? 0, headers: answer.headers, body, json: jsonObject(body) };
  } finally {
    tunnel.destroy();
  }
}

async function raw(
  host: Host,
  { port, request, tls }: { port: number; request: HttpRequest; tls: Tls | undefined },
): Promise<RawAnswer> {
  const tunnel = host.tunnel(port, { tls });
  try {
    const answer = await send(tunnel, request);
    return { ...answer, headers: {}, json: jsonObject(answer.body) };
  } finally {
    tunnel.destroy();
  }
}
