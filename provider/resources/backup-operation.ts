import { randomUUID } from "node:crypto";

import type { ClusterConfig } from "../config/cluster-config.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { type LockedRun, withLock } from "../execute/lock.ts";
import { makeContext } from "../execute/make-context.ts";
import { Hosts } from "../hosts/hosts.ts";
import { Pool } from "../hosts/pool.ts";
import { fromRkeState } from "../pki/rke-state.ts";
import { Secret } from "../secrets.ts";
import { type Access, accessIn } from "./backup-access.ts";
import { type BackupArguments, backupArgs } from "./backup-inputs.ts";
import { durationMs } from "./duration.ts";
import type { Call, Properties, Surroundings } from "./handler.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { textsIn } from "./parsed-inputs.ts";
import { mapAt, textAt } from "./properties.ts";
import { type Run, withRun } from "./run.ts";
import { connectionBy } from "./ways.ts";

/** What a verb of a backup works with. */
export interface BackupOperation {
  readonly inputs: Properties;
  readonly args: BackupArguments;
  readonly access: Access;
  readonly context: Context;
  readonly run: Run;
  readonly limitMs: number;
}

type Verb = "create" | "update" | "delete" | "read";

interface BackupCall extends Call {
  /** Reads after "Cannot" when the time is up. */
  readonly doing: string;
  readonly verb: Verb;
  readonly surroundings: Surroundings;
}

/** Opens the way to a cluster's etcd for one call, once no other backup of the same cluster is at work. */
export async function withBackup<T>(
  inputs: Properties,
  { doing, verb, surroundings, ...call }: BackupCall,
  work: (operation: BackupOperation) => Promise<T>,
): Promise<T> {
  const access = accessIn(inputs);
  const args = backupArgs(inputs);
  const limitMs = limitOf(inputs, verb);
  const names = new Map(access.nodes.map(({ address, name }) => [address, name]));
  const options = {
    subject: textAt(inputs, "resourceName") ?? "backup",
    doing,
    limitMs,
    nameOf: (address: string) => names.get(address) ?? address,
    secrets: secretsOf(inputs, access),
    urn: surroundings.calls.of(inputs)?.urn,
  };
  return withRun(options, { surroundings, ...call }, (run) =>
    oneAtATime(access.clusterId, {
      signal: run.signal,
      work: () =>
        withContext(access, { run, clock: surroundings.clock }, (context) =>
          work({ inputs, args, access, context, run, limitMs }),
        ),
    }),
  );
}

async function withContext<T>(
  access: Access,
  { run: { signal, emit }, clock }: { readonly run: Run; readonly clock: () => Date },
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const names = new Map(access.nodes.map(({ address, hostnameOverride }) => [address, hostnameOverride]));
  const pool = new Pool();
  const hosts = new Hosts({
    connections: (address) => connectionBy(access.ways[address] ?? { host: address }),
    pool,
    nameOf: (address) => names.get(address) ?? address,
  });
  try {
    const context = makeContext({
      plan: {
        nodes: access.nodes.map((node) => ({ node: { ...node, role: ["etcd"] } })),
        config: {
          privateRegistries: access.registries as ClusterConfig["privateRegistries"],
          systemImages: { etcd: access.images.etcd },
        },
      },
      certificates: fromRkeState(access.certificates),
      host: (address) => hosts.at(address),
      clock,
      signal,
      emit,
    });
    return await work(context);
  } finally {
    hosts.close();
    await pool.close();
  }
}

const usualLimits = { create: "60m", update: "60m", delete: "10m", read: "10m" } as const;

function limitOf(inputs: Properties, verb: Verb): number {
  const text = textAt(mapAt(inputs, "timeouts"), verb) ?? usualLimits[verb];
  return durationMs(text) ?? 3_600_000;
}

function secretsOf({ secrets }: Properties, { certificates, ways, registries }: Access): readonly Secret<string>[] {
  const keys = Object.values(certificates).map(({ keyPEM }) => keyPEM);
  const logins = Object.values(ways).map(({ privateKey, privateKeyPassword, proxy }) => [
    privateKey,
    privateKeyPassword,
    mapAt({ proxy }, "proxy").privateKey,
  ]);
  return textsIn([secrets, keys, logins, registries.map(({ password }) => password)]).map((text) => new Secret(text));
}

/** Does something on machines of the cluster that no other run may disturb. */
export function withMachines<T>(
  { access, context, run, limitMs }: BackupOperation,
  nodes: readonly string[],
  work: (locked: LockedRun) => Promise<T>,
): Promise<T> {
  const lock = {
    context,
    nodes,
    holder: access.clusterId,
    isHolderExclusive: true,
    runId: randomUUID(),
    verb: "backup",
    limitMs,
    image: () => access.images.tools,
    onTrace: run.begin,
  };
  return withLock(lock, work);
}

/** Why a machine does not answer; undefined when it does. */
export async function whySilent(address: string, { docker, signal }: Context): Promise<string | undefined> {
  try {
    await docker(address).version({ signal });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof RkeError ? error.detail.because : String(error);
  }
}
