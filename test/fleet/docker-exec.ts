import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import type { Container } from "./container.ts";
import { checkVersion, type EngineCall, partsOf, type Route } from "./docker-call.ts";
import { found } from "./docker-containers.ts";
import { frame } from "./docker-logs.ts";
import type { Answer } from "./exchange.ts";
import { Dropped } from "./faults.ts";
import { bodyOf, HttpRefusal, parseJson } from "./http.ts";
import type { Machine } from "./machine.ts";
import { type Process, programFor } from "./programs.ts";
import { run } from "./run-program.ts";

interface Exec {
  readonly id: string;
  readonly container: Container;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly tty: boolean;
  exitCode: number | undefined;
}

const execs = new WeakMap<Machine, Map<string, Exec>>();

/** `/exec` and `/containers/{id}/exec`: programs that are started in a container which runs already. */
export const execRoutes: readonly Route[] = [
  { method: "POST", path: /^\/containers\/([^/]+)\/exec$/, answer: create },
  { method: "POST", path: /^\/exec\/([^/]+)\/start$/, answer: start },
  { method: "GET", path: /^\/exec\/([^/]+)\/json$/, answer: inspect },
];

async function create(call: EngineCall): Promise<Answer> {
  const container = found(call);
  if (container.status !== "running") throw new HttpRefusal(409, `container ${container.id} is not running`);
  const { Cmd, Env, Tty } = parseJson<{ Cmd?: readonly string[]; Env?: readonly string[]; Tty?: boolean }>(
    await bodyOf(call.request),
  );
  if (Cmd === undefined || Cmd.length === 0) throw new HttpRefusal(400, "No exec command specified");
  const id = `${container.id.slice(0, 32)}${String(call.machine.nextSerial()).padStart(32, "0")}`;
  const known = execs.get(call.machine) ?? new Map<string, Exec>();
  execs.set(call.machine, known);
  known.set(id, { id, container, argv: Cmd, env: Env ?? [], tty: Tty === true, exitCode: undefined });
  return { status: 201, body: { Id: id } };
}

async function start(call: EngineCall): Promise<Answer> {
  const exec = known(call.machine, call.params[0] ?? "");
  const { Detach } = parseJson<{ Detach?: boolean }>(await bodyOf(call.request));
  const output = execute(exec);
  if (Detach === true) return { status: 200 };
  call.response.writeHead(200, { "content-type": "application/vnd.docker.raw-stream" });
  call.response.end(await output);
  return "streamed";
}

/** Clients that want to write to the program ask for the bare connection; it is given and closed at the end. */
export async function serveUpgrade(machine: Machine, request: IncomingMessage, socket: Duplex): Promise<void> {
  const { path, version } = partsOf(request);
  const finished = machine.world.trips.start(machine.name, "docker", `POST ${path}`);
  const call = { node: machine.name, layer: "docker", what: `POST ${path}`, mutating: true } as const;
  try {
    await machine.world.faults.meet(call);
    checkVersion(machine, version);
    const [, id = ""] = /^\/exec\/([^/]+)\/start$/.exec(path) ?? [];
    const exec = known(machine, id);
    const kind = exec.tty ? "raw-stream" : "multiplexed-stream";
    const head = ["HTTP/1.1 101 UPGRADED", `Content-Type: application/vnd.docker.${kind}`, "Connection: Upgrade"];
    socket.write(`${head.join("\r\n")}\r\nUpgrade: tcp\r\n\r\n`);
    const output = await execute(exec);
    machine.world.faults.afterServing(call);
    socket.end(output);
  } catch (error) {
    if (error instanceof Dropped) socket.destroy();
    else {
      const { status, message } = error instanceof HttpRefusal ? error : { status: 500, message: String(error) };
      const body = JSON.stringify({ message });
      socket.end(
        `HTTP/1.1 ${status} Error\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    }
  } finally {
    finished();
  }
}

async function execute(exec: Exec): Promise<Buffer> {
  const { container, argv, env, tty } = exec;
  const { machine } = container;
  const chunks: Buffer[] = [];
  const invocation = container.invocation(argv, [...container.env, ...env]);
  const program = programFor(invocation);
  const say = (text: string, stream: "stdout" | "stderr"): void =>
    void chunks.push(tty ? Buffer.from(`${text}\r\n`) : frame(stream, `${text}\n`));
  machine.world.journal.record({ node: machine.name, kind: "container touched", what: `${container.name} (exec)` });
  if (program === undefined) {
    say(
      `OCI runtime exec failed: exec failed: exec: "${argv[0]}": executable file not found in $PATH: unknown`,
      "stdout",
    );
    exec.exitCode = 126;
    return Buffer.concat(chunks);
  }
  await new Promise<void>((resolve) => {
    const process: Process = {
      ...invocation,
      machine,
      files: container.files,
      log: (line, stream = "stderr") => say(line, stream),
      listen: () => undefined,
      onEnd: () => undefined,
      exit: (code) => {
        exec.exitCode ??= code;
        resolve();
      },
      get hasEnded() {
        return exec.exitCode !== undefined;
      },
    };
    void run(program, process);
  });
  return Buffer.concat(chunks);
}

function inspect({ machine, params: [id = ""] }: EngineCall): Answer {
  const { container, exitCode } = known(machine, id);
  const body = { ID: id, Running: exitCode === undefined, ExitCode: exitCode ?? null, ContainerID: container.id };
  return { status: 200, body };
}

function known(machine: Machine, id: string): Exec {
  const exec = execs.get(machine)?.get(id);
  if (exec === undefined) throw new HttpRefusal(404, `No such exec instance: ${id}`);
  return exec;
}
