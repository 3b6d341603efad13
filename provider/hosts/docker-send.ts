import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type Dockerode from "dockerode";

import { abortable } from "./abortable.ts";
import type { Tunnel } from "./tunnel.ts";

export interface DockerCall {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** Without the version, such as `/containers/json`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Sent as JSON. */
  readonly body?: object | undefined;
  /** Sent as it is, as a tar archive. */
  readonly archive?: Buffer | Readable | undefined;
  readonly auth?: RegistryAuth | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Credentials for one registry, as the Engine API names them. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

/** Sends one call and resolves with the answer as soon as its head is there, whatever its status is. */
export type SendToDocker = (call: DockerCall) => Promise<IncomingMessage>;

/**
 * dockerode over a tunnel, reduced to one function.
 *
 * Answers are always taken as streams, because dockerode never settles a call whose answer breaks off in the middle of a
 * body that it collects itself. Its own connection settings, and what it reads from DOCKER_HOST, are overridden.
 *
 * It is loaded with the first call: it brings gRPC along, which is the larger part of all that a preview would load.
 */
export function dockerode(tunnel: Tunnel, { version }: { version?: string | undefined } = {}): SendToDocker {
  let loading: Promise<Modem> | undefined;

  return async ({ method, path, query = {}, body, archive, auth, headers, signal }) => {
    loading ??= modemFor(tunnel, version);
    const modem = await loading;
    signal?.throwIfAborted();
    const set = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      const call = {
        method,
        path: Object.keys(set).length === 0 ? path : `${path}?`,
        // A copy: the library adds to the headers that it is given.
        options: { _query: set, _body: body ?? {}, ...(headers !== undefined && { headers: { ...headers } }) },
        isStream: true,
        statusCodes: EVERY_STATUS,
        file: archive,
        authconfig: auth,
        abortSignal: signal,
      };
      modem.dial(call, (error, stream) => (error === null ? resolve(stream) : reject(error)));
    });
    // A call whose channel is still being opened does not notice an abort by itself.
    return abortable(answer, signal);
  };
}

async function modemFor(tunnel: Tunnel, version: string | undefined): Promise<Modem> {
  const { default: Dockerode } = await import("dockerode");
  const { modem } = new Dockerode({
    agent: tunnel,
    host: "127.0.0.1",
    port: 80,
    protocol: "http",
    pathPrefix: "/",
    timeout: 0,
    ...(version === undefined ? {} : { version: `v${version}` }),
  } as Dockerode.DockerOptions) as { modem: Modem };
  return modem;
}

interface Modem {
  dial(call: object, done: (error: Error | null, stream: IncomingMessage) => void): void;
}

/** dockerode makes errors of statuses that are not listed; ours have more to say. */
const EVERY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]));
