import { gzipSync } from "node:zlib";

import type { Container } from "./container.ts";
import { type ContainerSpec, volumeSources, words } from "./container-spec.ts";
import { type EngineCall, isTrue, type Route } from "./docker-call.ts";
import { noSuchImage } from "./docker-images.ts";
import { streamLogs } from "./docker-logs.ts";
import type { Answer } from "./exchange.ts";
import { bodyOf, HttpRefusal, parseJson } from "./http.ts";
import type { Machine } from "./machine.ts";
import { tar, untar } from "./tar.ts";

/** Everything below `/containers` that the fleet knows. */
export const containerRoutes: readonly Route[] = [
  { method: "POST", path: /^\/containers\/create$/, answer: create },
  { method: "GET", path: /^\/containers\/json$/, answer: list },
  { method: "GET", path: /^\/containers\/([^/]+)\/json$/, answer: (call) => ok(inspect(found(call))) },
  { method: "POST", path: /^\/containers\/([^/]+)\/start$/, answer: (call) => done(found(call).start()) },
  { method: "POST", path: /^\/containers\/([^/]+)\/stop$/, answer: (call) => done(found(call).stop()) },
  { method: "POST", path: /^\/containers\/([^/]+)\/kill$/, answer: kill },
  { method: "POST", path: /^\/containers\/([^/]+)\/restart$/, answer: restart },
  { method: "POST", path: /^\/containers\/([^/]+)\/rename$/, answer: rename },
  { method: "POST", path: /^\/containers\/([^/]+)\/wait$/, answer: wait },
  { method: "GET", path: /^\/containers\/([^/]+)\/logs$/, answer: (call) => streamLogs(found(call), call) },
  { method: "PUT", path: /^\/containers\/([^/]+)\/archive$/, answer: putArchive },
  { method: "GET", path: /^\/containers\/([^/]+)\/archive$/, answer: getArchive },
  { method: "DELETE", path: /^\/containers\/([^/]+)$/, answer: remove },
];

export function found({ machine, params: [nameOrId = ""] }: EngineCall): Container {
  const container = machine.find(nameOrId);
  if (container === undefined) throw new HttpRefusal(404, `No such container: ${nameOrId}`);
  return container;
}

const ok = (body: unknown): Answer => ({ status: 200, body });

/** Docker answers 304 to a start of what runs already and to a stop of what is stopped already. */
const done = (changed: boolean): Answer => ({ status: changed ? 204 : 304 });

async function create({ machine, request, query }: EngineCall): Promise<Answer> {
  const spec = parseJson<ContainerSpec>(await bodyOf(request));
  if (!spec.Image) throw new HttpRefusal(400, "no image specified: invalid reference format");
  if (machine.images.get(spec.Image) === undefined) throw noSuchImage(spec.Image);
  const name = query.get("name") ?? `quiet_${machine.nextSerial()}`;
  checkName(machine, name);
  for (const from of volumeSources(spec)) {
    if (machine.find(from) === undefined) throw new HttpRefusal(400, `No such container: ${from}`);
  }
  machine.disk.reserve(4096, "mkdir /var/lib/docker/overlay2");
  const { id } = machine.create({ name, spec });
  return { status: 201, body: { Id: id, Warnings: [] } };
}

function checkName(machine: Machine, name: string): void {
  if (!/^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    const allowed = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
    throw new HttpRefusal(400, `Invalid container name (${name}), ${allowed}`);
  }
  const owner = [...machine.containers.values()].find((container) => container.name === name.replace(/^\//, ""));
  if (owner === undefined) return;
  throw new HttpRefusal(
    409,
    `Conflict. The container name "/${owner.name}" is already in use by container "${owner.id}". ` +
      `You have to remove (or rename) that container to be able to reuse that name.`,
  );
}

function list({ machine, query }: EngineCall): Answer {
  const filters = parseJson<Record<string, readonly string[] | Record<string, boolean>>>(
    Buffer.from(query.get("filters") ?? ""),
  );
  const wanted = (key: string): readonly string[] => {
    const filter = filters[key] ?? [];
    return Array.isArray(filter) ? filter : Object.keys(filter);
  };
  const showAll = isTrue(query, "all") || wanted("status").length > 0;
  const fits = (container: Container): boolean =>
    (showAll || container.isRunning) &&
    wanted("label").every((label) => hasLabel(container, label)) &&
    (wanted("name").length === 0 || wanted("name").some((name) => new RegExp(name).test(`/${container.name}`))) &&
    (wanted("status").length === 0 || wanted("status").includes(container.status));
  const newestFirst = [...machine.containers.values()].filter(fits).reverse();
  return ok(newestFirst.map(summary));
}

function hasLabel({ spec }: Container, label: string): boolean {
  const [key = "", value] = label.split("=", 2);
  const own = spec.Labels?.[key];
  return own !== undefined && (value === undefined || own === value);
}

const summary = (container: Container): object => ({
  Id: container.id,
  Names: [`/${container.name}`],
  Image: container.spec.Image,
  ImageID: container.machine.images.get(container.spec.Image)?.id ?? "",
  Command: container.argv.join(" "),
  Created: Math.floor(container.createdAt / 1000),
  State: container.status,
  Status: statusText(container),
  Labels: container.spec.Labels ?? {},
  HostConfig: { NetworkMode: container.spec.HostConfig?.NetworkMode ?? "default" },
  Mounts: [],
  Ports: [],
});

function statusText({ status, exitCode }: Container): string {
  const since = "Less than a second";
  if (status === "created") return "Created";
  if (status === "running") return `Up ${since}`;
  return `${status === "restarting" ? "Restarting" : "Exited"} (${exitCode}) ${since} ago`;
}

export function inspect(container: Container): object {
  const { machine, spec, status, name, id } = container;
  const [path = "", ...args] = container.argv;
  const instant = (at: number): string => (at === 0 ? "0001-01-01T00:00:00Z" : new Date(at).toISOString());
  const hasCheck = spec.Healthcheck?.Test !== undefined && container.isRunning;
  return {
    Id: id,
    Created: instant(container.createdAt),
    Path: path,
    Args: args,
    Name: `/${name}`,
    Image: machine.images.get(spec.Image)?.id ?? "",
    RestartCount: container.restartCount,
    LogPath: `/var/lib/docker/containers/${id}/${id}-json.log`,
    State: {
      Status: status,
      Running: container.isRunning,
      Paused: false,
      Restarting: status === "restarting",
      OOMKilled: false,
      Dead: false,
      Pid: status === "running" ? 1000 : 0,
      ExitCode: container.exitCode,
      Error: container.error,
      StartedAt: instant(container.startedAt),
      FinishedAt: instant(container.finishedAt),
      ...(hasCheck && {
        Health: { Status: status === "running" ? "healthy" : "unhealthy", FailingStreak: 0, Log: [] },
      }),
    },
    Mounts: (spec.HostConfig?.Binds ?? []).map(mountOf),
    HostConfig: {
      NetworkMode: "default",
      Binds: null,
      SecurityOpt: null,
      RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
      ...spec.HostConfig,
    },
    Config: {
      ...spec,
      HostConfig: undefined,
      Hostname: machine.hostname,
      Env: container.env,
      Cmd: words(spec.Cmd).length === 0 ? null : words(spec.Cmd),
      Entrypoint: words(spec.Entrypoint).length === 0 ? null : words(spec.Entrypoint),
      Labels: spec.Labels ?? {},
    },
    NetworkSettings: { IPAddress: "", Ports: {}, Networks: {} },
  };
}

function mountOf(bind: string): object {
  const [Source = "", Destination = "", Mode = ""] = bind.split(":");
  return { Type: "bind", Source, Destination, Mode, RW: !Mode.split(",").includes("ro") };
}

function kill(call: EngineCall): Answer {
  const container = found(call);
  if (!container.isRunning)
    throw new HttpRefusal(409, `cannot kill container: ${container.name}: container is not running`);
  const signal = (call.query.get("signal") ?? "KILL").replace(/^SIG/, "");
  if (["KILL", "9", "TERM", "15", "INT", "2", "QUIT", "3"].includes(signal)) container.stop({ code: 137 });
  return { status: 204 };
}

function restart(call: EngineCall): Answer {
  const container = found(call);
  container.stop();
  container.start();
  return { status: 204 };
}

function rename(call: EngineCall): Answer {
  const container = found(call);
  const name = call.query.get("name") ?? "";
  checkName(call.machine, name);
  const before = container.name;
  container.name = name;
  const what = `${before} → ${name}`;
  call.machine.world.journal.record({ node: call.machine.name, kind: "container renamed", what });
  return { status: 204 };
}

/** The header goes out at once, the exit code when there is one; the client sees a connection that waits. */
async function wait(call: EngineCall): Promise<Answer> {
  const container = found(call);
  const condition = call.query.get("condition") ?? "not-running";
  const { restartCount, finishedAt } = container;
  call.response.writeHead(200, { "content-type": "application/json" });
  call.response.flushHeaders();
  await container.until(() => {
    if (condition === "removed") return container.isRemoved;
    if (condition === "next-exit")
      return container.finishedAt !== finishedAt || container.restartCount !== restartCount;
    return !container.isRunning;
  });
  if (!call.response.destroyed) call.response.end(JSON.stringify({ StatusCode: container.exitCode }));
  return "streamed";
}

async function putArchive(call: EngineCall): Promise<Answer> {
  const { files, name } = found(call);
  const folder = call.query.get("path") ?? "/";
  const archive = await bodyOf(call.request);
  if (!files.hasFolder(folder)) throw noSuchFile(folder, name);
  for (const { name: entry, ...file } of untar(archive)) files.place(`${folder}/${entry}`, file);
  call.machine.world.journal.record({ node: call.machine.name, kind: "container touched", what: `${name} (archive)` });
  return { status: 200 };
}

function getArchive(call: EngineCall): Answer {
  const { files, name } = found(call);
  const path = call.query.get("path") ?? "/";
  const plain = files.read(path);
  const base = path.split("/").filter(Boolean).at(-1) ?? "";
  const entries =
    plain === undefined
      ? files
          .list(path)
          .map((at) => ({ name: base + at.slice(path.replace(/\/$/, "").length), at, content: files.read(at) }))
      : [{ name: base, at: path, content: plain }];
  if (entries.length === 0 && !files.hasFolder(path)) throw noSuchFile(path, name);
  const stat = {
    name: base,
    size: plain?.length ?? 4096,
    mode: 0o644,
    mtime: new Date(call.machine.now()),
    linkTarget: "",
  };
  const archive = tar(
    entries.map(({ name: entry, at, content }) => ({
      name: entry,
      content: content ?? Buffer.alloc(0),
      mode: files.mode(at) ?? 0o644,
      owner: files.owner(at),
      modifiedAtMs: files.modifiedAtMs(at),
    })),
  );
  call.response.setHeader("x-docker-container-path-stat", Buffer.from(JSON.stringify(stat)).toString("base64"));
  const isSqueezed = /\bgzip\b/.test(String(call.request.headers["accept-encoding"]));
  const headers = { "content-type": "application/x-tar", ...(isSqueezed && { "content-encoding": "gzip" }) };
  call.response.writeHead(200, headers).end(isSqueezed ? gzipSync(archive) : archive);
  return "streamed";
}

const noSuchFile = (path: string, name: string): HttpRefusal =>
  new HttpRefusal(404, `Could not find the file ${path} in container ${name}`);

function remove(call: EngineCall): Answer {
  const container = found(call);
  if (container.isRunning && !isTrue(call.query, "force")) {
    const advice = "stop the container before removing or force remove";
    throw new HttpRefusal(409, `cannot remove container "/${container.name}": container is running: ${advice}`);
  }
  call.machine.remove(container);
  return { status: 204 };
}
