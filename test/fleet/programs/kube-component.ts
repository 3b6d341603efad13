import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Duplex } from "node:stream";

import { MissingFile } from "../certificates.ts";
import type { KubeApi } from "../kube-api.ts";
import { KubeClient } from "../kube-client.ts";
import { announce, type Component } from "../kube-components.ts";
import { KubeStore } from "../kube-store.ts";
import { flagsOf, type Process, program, type Run, runs } from "../programs.ts";
import { localTls } from "./local-tls.ts";

export type Flags = ReadonlyMap<string, string>;

/** What all of them share: flags that this version knows, and last words when a file is missing. */
export function component(
  name: string,
  start: (process: Process, flags: Flags) => ReturnType<Run>,
): ReturnType<typeof program> {
  return program(name, runs(name), async (process) => {
    const wrong = process.argv.slice(1).find((word) => !/^--[a-z][a-z0-9-]*(=|$)/.test(word));
    if (wrong !== undefined) {
      process.log(`Error: unknown command "${wrong}" for "${name}"`);
      return 1;
    }
    const flags = flagsOf(process.argv);
    const gone = [...flags.keys()].find((flag) => (removedSince[`${name} ${flag}`] ?? 999) <= minorOf(process));
    if (gone !== undefined) {
      process.log(`Error: unknown flag: --${gone}`);
      return 1;
    }
    try {
      return await start(process, flags);
    } catch (error) {
      if (!(error instanceof MissingFile)) throw error;
      process.log(`${stamp("E")} "command failed" err="${error.message}"`);
      return 1;
    }
  });
}

/** Flags that stopped being flags, with the minor version in which they did. */
const removedSince: Readonly<Record<string, number>> = {
  "kubelet network-plugin": 24,
  "kubelet cni-bin-dir": 24,
  "kubelet cni-conf-dir": 24,
  "kubelet container-runtime": 27,
  "kubelet pod-infra-container-image": 35,
  "kube-apiserver insecure-port": 24,
  "kube-apiserver cloud-provider": 33,
  "kube-controller-manager port": 24,
  "kube-scheduler port": 24,
};

export function join(
  process: Process,
  {
    name,
    identity,
    kubeconfig,
  }: { readonly name: Component["name"]; readonly identity: string; readonly kubeconfig: string },
): Component {
  const client = new KubeClient(process, kubeconfig);
  const api = (): KubeApi | undefined => {
    const answer = client.connect();
    return typeof answer === "string" ? undefined : answer;
  };
  const self: Component = { name, identity, process, api, lastSeenAt: Number.NEGATIVE_INFINITY };
  announce(self);
  return self;
}

/** Writes something through the API server, now or when there is one again. */
export function persist({ process, api }: Component, write: (store: KubeStore) => void): void {
  const { machine } = process;
  const attempt = (): boolean => {
    if (process.hasEnded) return true;
    const cluster = api()?.clusterIfReachable();
    if (cluster === undefined) return false;
    write(new KubeStore(cluster, () => machine.now()));
    return true;
  };
  if (!attempt()) machine.world.unfinished.add(attempt);
  process.onEnd(() => machine.world.unfinished.delete(attempt));
}

/** A health endpoint on the machine itself. */
export function healthz(process: Process, port: number, isTls: boolean): void {
  let accept: ((socket: Duplex) => void) | undefined;
  const answer: Parameters<typeof createServer>[1] = (request, response) => {
    response.statusCode = request.url?.startsWith("/healthz") === true ? 200 : 404;
    response.end(response.statusCode === 200 ? "ok" : "404 page not found\n");
  };
  process.listen(port, {
    boundTo: "127.0.0.1",
    accept: (socket) => {
      if (accept === undefined) {
        const server = isTls ? createTlsServer(localTls(), answer) : createServer(answer);
        server.keepAliveTimeout = 0;
        accept = (next) => void server.emit("connection", next);
      }
      accept(socket);
    },
  });
}

export const versionOf = ({ image }: Process): string => /:v?(\d+\.\d+\.\d+)/.exec(image)?.[1] ?? "1.32.7";

export const minorOf = (process: Process): number => Number(versionOf(process).split(".")[1]);

export const stamp = (level: "E" | "F"): string => `${level}0101 00:00:00.000000       1 run.go:72]`;
