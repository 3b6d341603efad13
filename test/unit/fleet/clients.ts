import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { type Duplex, duplexPair } from "node:stream";

import Docker from "dockerode";
import { onTestFinished } from "vitest";

import { asSocket } from "../../../provider/hosts/as-socket.ts";
import { aFleet, type Fleet, type FleetOptions } from "../../fleet/fleet.ts";
import type { Machine } from "../../fleet/machine.ts";
import type { KeyPair } from "../../fleet/test-certificates.ts";

/** A fleet that ends with the test. */
export async function testFleet(options: FleetOptions): Promise<Fleet> {
  const fleet = await aFleet(options);
  onTestFinished(() => fleet.close());
  return fleet;
}

/** The first machine of a fleet, for tests that need no more. */
export async function testMachine(
  options: Omit<FleetOptions, "nodes"> = {},
): Promise<{ fleet: Fleet; machine: Machine }> {
  const fleet = await testFleet({ nodes: 1, ...options });
  return { fleet, machine: fleet.node("node-1").machine };
}

/** Two ends of a connection; unlike Node's plain pair, one that is destroyed takes the other with it. */
function connectionPair(): { readonly near: Duplex; readonly far: Duplex } {
  const [near, far] = duplexPair();
  far.on("error", () => undefined);
  far.on("close", () => near.destroy());
  near.on("close", () => far.destroy());
  return { near: asSocket(near), far: asSocket(far, { allowHalfOpen: true }) };
}

/** A stock dockerode whose connections lead straight to a machine's engine. */
export function dockerOf(machine: Machine, { version }: { readonly version?: string } = {}): Docker {
  const agent = new HttpAgent();
  Object.assign(agent, {
    createConnection() {
      const { near, far } = connectionPair();
      machine.acceptDocker(far);
      return near;
    },
  });
  return new Docker({
    agent,
    host: "docker",
    port: 80,
    protocol: "http",
    ...(version !== undefined && { version }),
  } as never);
}

export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the form is the server's, and the tests say what they expect
  readonly body: any;
}

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly client?: KeyPair;
  readonly ca?: string;
  readonly plain?: boolean;
}

/** One HTTP(S) request from a machine to a port, as through an SSH tunnel. */
export async function ask(
  machine: Machine,
  url: string,
  { method = "GET", body, type, client, ca, plain }: Ask = {},
): Promise<Reply> {
  const { hostname, port } = new URL(url);
  const dialled = machine.world.network.dial(machine, hostname, Number(port));
  if (typeof dialled === "string") throw new Error(dialled);
  const { near: socket, far } = connectionPair();
  far.on("error", () => far.destroy());
  dialled.accept(far);
  const agent = plain === true ? Object.assign(new HttpAgent(), { createConnection: () => socket }) : new HttpsAgent();
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const options = {
    method,
    agent,
    headers: { ...(text !== undefined && { "content-type": type ?? "application/json" }) },
    ...(plain !== true && {
      socket,
      servername: "",
      ...(client !== undefined && { cert: client.cert, key: client.key }),
      ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
    }),
  };
  return new Promise((resolve, reject) => {
    const done = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const answer = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, body: parsed(answer) });
      });
    };
    const request =
      plain === true ? httpRequest(url, options as never, done) : httpsRequest(url, options as never, done);
    request.on("error", reject);
    request.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
