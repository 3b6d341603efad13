import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { checkVersion, partsOf, type Route } from "./docker-call.ts";
import { containerRoutes } from "./docker-containers.ts";
import { execRoutes, serveUpgrade } from "./docker-exec.ts";
import { imageRoutes } from "./docker-images.ts";
import { exchange } from "./exchange.ts";
import { HttpRefusal } from "./http.ts";
import type { Machine } from "./machine.ts";

/** The Docker Engine API of one machine, for connections that are handed in; nothing listens. */
export function dockerEngine(machine: Machine): (socket: Duplex) => void {
  const server = createServer((request, response) => void serve(machine, request, response));
  server.on("upgrade", (request, socket) => void serveUpgrade(machine, request, socket));
  server.on("clientError", (_error, socket) => socket.destroy());
  // A timeout would be a timer for each connection, and the engine has none either.
  server.keepAliveTimeout = 0;
  return (socket) => {
    machine.connections.add(socket);
    socket.on("close", () => machine.connections.delete(socket));
    socket.on("error", () => socket.destroy());
    server.emit("connection", socket);
  };
}

async function serve(machine: Machine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET" } = request;
  const { path, version, query } = partsOf(request);
  const { apiVersion, version: engineVersion } = machine.engine;
  response.setHeader("Api-Version", apiVersion);
  response.setHeader("Ostype", "linux");
  response.setHeader("Docker-Experimental", "false");
  response.setHeader("Server", `Docker/${engineVersion} (linux)`);
  const mutating = method !== "GET" && method !== "HEAD" && !path.endsWith("/wait");
  await exchange({ machine, layer: "docker", what: `${method} ${path}`, mutating, request, response }, () => {
    checkVersion(machine, version);
    for (const route of routes) {
      const found = route.method === method ? route.path.exec(path) : null;
      const params = found?.slice(1).map((part) => decodeURIComponent(part ?? ""));
      if (params !== undefined) return route.answer({ machine, request, response, query, params });
    }
    throw new HttpRefusal(404, "page not found");
  });
}

const engineRoutes: readonly Route[] = [
  {
    method: "GET",
    path: /^\/_ping$/,
    answer: ({ response }) => {
      response.writeHead(200, { "content-type": "text/plain" }).end("OK");
      return "streamed";
    },
  },
  {
    method: "HEAD",
    path: /^\/_ping$/,
    answer: () => ({ status: 200 }),
  },
  {
    method: "GET",
    path: /^\/version$/,
    answer: ({ machine: { engine, kernel } }) => ({
      status: 200,
      body: {
        Version: engine.version,
        ApiVersion: engine.apiVersion,
        MinAPIVersion: engine.minApiVersion,
        Os: "linux",
        Arch: "amd64",
        KernelVersion: kernel.release,
      },
    }),
  },
  {
    method: "GET",
    path: /^\/info$/,
    answer: ({ machine }) => ({ status: 200, body: infoOf(machine) }),
  },
];

const routes: readonly Route[] = [...engineRoutes, ...containerRoutes, ...imageRoutes, ...execRoutes];

function infoOf(machine: Machine): object {
  const { name, hostname, engine, kernel, containers, images } = machine;
  const all = [...containers.values()];
  const running = all.filter(({ isRunning }) => isRunning).length;
  return {
    ID: name,
    Name: hostname,
    Containers: all.length,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: all.length - running,
    Images: images.size,
    Driver: "overlay2",
    LoggingDriver: "json-file",
    CgroupDriver: kernel.cgroupVersion === "2" ? "systemd" : "cgroupfs",
    CgroupVersion: kernel.cgroupVersion,
    KernelVersion: kernel.release,
    OperatingSystem: kernel.operatingSystem,
    OSType: "linux",
    Architecture: "x86_64",
    NCPU: kernel.cpus,
    MemTotal: kernel.memoryBytes,
    DockerRootDir: "/var/lib/docker",
    ServerVersion: engine.version,
    SecurityOptions: kernel.securityOptions,
    BridgeNfIptables: kernel.modules.includes("br_netfilter"),
    BridgeNfIp6tables: kernel.modules.includes("br_netfilter"),
    LiveRestoreEnabled: false,
    RegistryConfig: { Mirrors: [] },
    SystemTime: new Date(machine.now()).toISOString(),
    Warnings: null,
  };
}
