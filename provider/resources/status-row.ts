import { createRequire } from "node:module";

import type { RunEvent } from "../progress.ts";
import { redactor, type Secret } from "../secrets.ts";

/** Shows one line in the row of a resource, in place of the last one. Never fails, and nobody waits for it. */
export type ShowStatus = (text: string) => void;

/** The rows of an engine, by URN; undefined where there is no engine to show anything. */
export type StatusRows = (urn: string) => ShowStatus | undefined;

interface StatusOptions {
  readonly show: ShowStatus;
  readonly nameOf: (address: string) => string;
  readonly clock: () => Date;
  readonly secrets: readonly Secret<string>[];
}

/** Says in the row of a resource what is being done: the phase, and in it the last step or wait that was heard of. */
export function statusListener({ show, nameOf, clock, secrets }: StatusOptions): (event: RunEvent) => void {
  const clean = redactor(secrets);
  let place = "";
  let lastMs = Number.NEGATIVE_INFINITY;
  const say = (text: string): void => {
    lastMs = clock().getTime();
    show(clean(text).replaceAll(/\s+/g, " ").slice(0, LONGEST));
  };
  const detail = (node: string | undefined, text: string): void => {
    // Many steps end within a blink, and where there is no terminal each text becomes a line of its own.
    if (clock().getTime() - lastMs < SHORTEST_MS) return;
    say([place, [node === undefined ? "" : nameOf(node), text].filter(Boolean).join(" ")].filter(Boolean).join(": "));
  };
  return (event) => {
    switch (event.kind) {
      case "phase-started":
        place = `${event.phase} (${event.index}/${event.count})`;
        return say(place);
      case "step-started":
        return detail(event.node, event.step);
      case "waiting":
        return detail(event.node, `waiting for ${event.for}, last answer "${event.lastAnswer}"`);
      case "retrying":
        return detail(event.node, `trying again to ${event.what}`);
      case "phase-finished":
      case "step-finished":
      case "step-failed":
      case "notice":
        return undefined;
      default:
        return event satisfies never;
    }
  };
}

const SHORTEST_MS = 3000;
const LONGEST = 150;

/**
 * The rows of the engine that has started this process. Pulumi tells a dynamic provider the engine's address and lends it
 * no client; so this takes the one of the very copy of Pulumi that runs here. Anything unexpected means: no rows.
 */
export function engineRows(argv: readonly string[] = process.argv): StatusRows {
  let engine: EngineClient | undefined;
  let isTried = false;
  return (urn) => {
    if (!isTried) engine = connect(argv);
    isTried = true;
    return engine === undefined ? undefined : (text) => engine?.show(urn, text);
  };
}

interface EngineClient {
  show(urn: string, text: string): void;
}

interface LogRequest {
  setSeverity(severity: number): void;
  setMessage(text: string): void;
  setUrn(urn: string): void;
  setStreamid(id: number): void;
  setEphemeral(isEphemeral: boolean): void;
}

/** What is used of files that Pulumi does not publish. */
interface PulumiProtocol {
  readonly client: new (
    address: string,
    credentials: unknown,
  ) => {
    log(request: LogRequest, options: { deadline: Date }, done: (error: unknown) => void): void;
  };
  readonly request: new () => LogRequest;
  readonly credentials: unknown;
}

function connect([, script = "", address = ""]: readonly string[]): EngineClient | undefined {
  if (!/dynamic-provider/.test(script) || !/^[\w.[\]:-]+:\d+$/.test(address)) return undefined;
  try {
    const { client: Client, request: Request, credentials } = protocolOf(script);
    const client = new Client(address, credentials);
    let isLost = false;
    return {
      show(urn, text) {
        if (isLost) return;
        const request = new Request();
        request.setSeverity(INFO);
        request.setMessage(text);
        request.setUrn(urn);
        request.setStreamid(0);
        request.setEphemeral(true);
        client.log(request, { deadline: new Date(Date.now() + ANSWER_LIMIT_MS) }, (error) => {
          isLost ||= error !== null && error !== undefined;
        });
      },
    };
  } catch {
    return undefined;
  }
}

function protocolOf(script: string): PulumiProtocol {
  const load = createRequire(script.endsWith(".js") ? script : `${script}/index.js`);
  const grpc = load("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
  const services = load("../../proto/engine_grpc_pb") as { EngineClient: PulumiProtocol["client"] };
  const messages = load("../../proto/engine_pb") as { LogRequest: PulumiProtocol["request"] };
  return {
    client: services.EngineClient,
    request: messages.LogRequest,
    credentials: grpc.credentials.createInsecure(),
  };
}

const INFO = 1;
const ANSWER_LIMIT_MS = 5000;
