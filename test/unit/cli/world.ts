import type { Io } from "../../../provider/cli/io.ts";
import { runCli } from "../../../provider/cli/run.ts";
import { collected } from "../../support/collected.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What was written, by file name. */
export type Written = Map<string, string>;

/** A machine without one: files by name, `-` for the standard input. A file that is an error cannot be read. */
export type Files = Readonly<Record<string, string | Uint8Array | NodeJS.ErrnoException>>;

export const errno = (code: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: as Node.js says it`), { code });

export function readerOf(files: Files): Pick<Io, "read"> {
  return {
    read: (file) => {
      const content = files[file] ?? errno("ENOENT");
      if (content instanceof Error) throw content;
      return typeof content === "string" ? Buffer.from(content) : content;
    },
  };
}

/** Runs a command line among some files. */
export async function ran(args: readonly string[], files: Files = {}, kept: Written = new Map()): Promise<Ran> {
  return collected(runCli, args, {
    ...readerOf(files),
    write: (file, text) => {
      if (files[file] !== undefined) throw errno("EEXIST");
      kept.set(file, text);
    },
    now: () => new Date("2026-11-21T08:00:00.000Z"),
  });
}

export const oneNode = `kubernetes_version: v1.32.6-rancher1-1
nodes:
- {address: 10.0.0.1, hostname_override: node-1, user: ubuntu, role: [etcd, controlplane, worker]}
`;

export const threeNodes = `kubernetes_version: v1.32.6-rancher1-1
nodes:
- {address: 10.0.0.1, hostname_override: cp-1, user: ubuntu, role: [etcd, controlplane]}
- {address: 1.1.1.2, internal_address: 10.0.0.2, hostname_override: worker-1, user: ubuntu, role: [worker]}
- {address: 10.0.0.3, hostname_override: worker-2, user: ubuntu, role: [worker]}
`;

/** Three control planes and any number of workers. */
export const manyNodes = (workers: number): string =>
  [
    "kubernetes_version: v1.32.6-rancher1-1",
    "nodes:",
    ...[1, 2, 3].map(
      (n) => `- {address: 10.0.0.${n}, hostname_override: cp-${n}, user: u, role: [etcd, controlplane]}`,
    ),
    ...Array.from(
      { length: workers },
      (_, n) => `- {address: 10.0.1.${n + 1}, hostname_override: worker-${n + 1}, user: u, role: [worker]}`,
    ),
    "",
  ].join("\n");
