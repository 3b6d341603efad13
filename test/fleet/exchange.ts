import type { IncomingMessage, ServerResponse } from "node:http";

import { DiskError } from "./disk.ts";
import { Dropped } from "./faults.ts";
import { HttpRefusal, sendJson } from "./http.ts";
import type { Machine } from "./machine.ts";
import type { TripLayer } from "./trips.ts";

/** An answer; a handler that has written to the response itself answers "streamed". */
export type Answer = { readonly status: number; readonly body?: unknown } | "streamed";

export interface Exchange {
  readonly machine: Machine;
  readonly layer: TripLayer;
  readonly what: string;
  readonly mutating: boolean;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Shapes a refusal as this protocol words it. */
  readonly refusal?: (refusal: HttpRefusal) => unknown;
}

/** Serves one HTTP request under the fleet's faults: counted, delayed, dropped, refused or answered. */
export async function exchange(of: Exchange, answer: () => Promise<Answer> | Answer): Promise<void> {
  const { machine, layer, what, mutating, request, response } = of;
  const { faults, trips } = machine.world;
  const call = { node: machine.name, layer, what, mutating };
  const finished = trips.start(machine.name, layer, what);
  try {
    const bend = await faults.meet(call);
    const reply = await answer();
    faults.afterServing(call);
    if (reply !== "streamed") sendJson(response, reply.status, bend(reply.body));
  } catch (error) {
    if (error instanceof Dropped || !machine.isOn) request.socket.destroy();
    else {
      const refusal = refusalOf(error);
      if (response.headersSent) request.socket.destroy();
      else sendJson(response, refusal.status, (of.refusal ?? ((plain) => plain.body))(refusal));
    }
  } finally {
    finished();
  }
}

function refusalOf(error: unknown): HttpRefusal {
  if (error instanceof HttpRefusal) return error;
  if (error instanceof DiskError) return new HttpRefusal(500, error.message);
  return new HttpRefusal(500, `fleet: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
