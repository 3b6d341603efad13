import { tmpdir } from "node:os";
import { join } from "node:path";

import { nativeKeys, randomSerials } from "../pki/openssl.ts";
import { backupHandler } from "./backup.ts";
import { clusterHandler } from "./cluster.ts";
import { EngineCalls } from "./engine-call.ts";
import type { Handler, Surroundings } from "./handler.ts";
import { identityHandler } from "./identity.ts";
import { nodeHandler } from "./node.ts";
import { engineRows } from "./status-row.ts";

const surroundings: Surroundings = {
  clock: () => new Date(),
  keys: nativeKeys(),
  serials: randomSerials(),
  log: (line) => void process.stderr.write(`${line}\n`),
  logFolder: process.env.PULUMI_RKE_LOG_DIR ?? join(tmpdir(), "pulumi-rke"),
  rows: engineRows(),
  calls: new EngineCalls(),
};

// The CLI that reads these lines may be killed while a run goes on to its end. Unheard, the broken pipe would reach Pulumi's
// own handler of errors, which writes it into the same pipe, and so on without end.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

/** By kind of resource. The names are in the state of every stack: never rename one. */
export const handlers: Readonly<Record<"identity" | "node" | "cluster" | "backup", Handler>> = {
  identity: identityHandler(surroundings),
  node: nodeHandler(surroundings),
  cluster: clusterHandler(surroundings),
  backup: backupHandler(surroundings),
};
