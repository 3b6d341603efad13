import type { IncomingMessage, ServerResponse } from "node:http";

import type { Answer } from "./exchange.ts";
import { HttpRefusal } from "./http.ts";
import type { Machine } from "./machine.ts";

/** One request to the engine, its path split off from version and query. */
export interface EngineCall {
  readonly machine: Machine;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What the pattern of the route caught. */
  readonly params: readonly string[];
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (call: EngineCall) => Promise<Answer> | Answer;
}

/** `/v1.41/containers/json?all=1` in its parts. */
export function partsOf(request: IncomingMessage): { path: string; version?: string; query: URLSearchParams } {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://docker");
  const [, version, rest] = /^\/v(\d+\.\d+)(\/.*)$/.exec(pathname) ?? [];
  return version === undefined
    ? { path: pathname, query: searchParams }
    : { path: rest ?? "/", version, query: searchParams };
}

export function checkVersion({ engine: { apiVersion, minApiVersion } }: Machine, version: string | undefined): void {
  if (version === undefined) return;
  if (minorOf(version) > minorOf(apiVersion)) {
    const most = `Maximum supported API version is ${apiVersion}`;
    throw new HttpRefusal(400, `client version ${version} is too new. ${most}`);
  }
  if (minorOf(version) < minorOf(minApiVersion)) {
    const least = `Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`;
    throw new HttpRefusal(400, `client version ${version} is too old. ${least}`);
  }
}

const minorOf = (version: string): number => Number(version.split(".")[1]);

/** A switch in a query, as Go reads it. */
export const isTrue = (query: URLSearchParams, key: string): boolean =>
  ["1", "true", "True"].includes(query.get(key) ?? "");
