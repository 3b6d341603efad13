import type { ContainerCreateOptions } from "dockerode";

import { unpacked } from "../hosts/archive.ts";
import { readAll } from "../hosts/http.ts";
import type { Context } from "./context.ts";
import { journalLines } from "./journal.ts";
import { journalPath, type LockRecord, lockedSince, lockName, lockRecordOf } from "./lock-record.ts";

/** A lock that is there. */
export interface FoundLock {
  readonly id: string;
  readonly record: LockRecord;
  readonly since: string;
  /** What its run has done; empty when that cannot be read. */
  readonly journal: () => Promise<readonly string[]>;
}

export async function findLock(
  address: string,
  { docker, signal }: Pick<Context, "docker" | "signal">,
): Promise<FoundLock | undefined> {
  const found = await docker(address).inspect(lockName, { signal });
  if (found === undefined) return undefined;
  const { Id: id, Created: created, Config } = found;
  const labels = Config.Labels ?? {};
  const journal = async (): Promise<readonly string[]> => {
    try {
      const archive = await docker(address).getArchive(id, journalPath, { signal });
      const file = archive === undefined ? undefined : unpacked(await readAll(archive))[0];
      return journalLines(file?.content.toString("utf8") ?? "");
    } catch {
      signal.throwIfAborted();
      return [];
    }
  };
  return { id, record: lockRecordOf(labels), since: lockedSince(labels) ?? created, journal };
}

/** A container that is never started: it is there for its name, its labels and a file in it. */
export function lockSpec(image: string, labels: Record<string, string>): ContainerCreateOptions {
  return { Image: image, Cmd: ["true"], NetworkDisabled: true, Labels: labels, HostConfig: { NetworkMode: "none" } };
}

/** An image that can be used at once: the one wanted, else that of any container, else the one wanted after a pull. */
export async function imageThere(
  address: string,
  { wanted, context }: { wanted: string; context: Pick<Context, "docker" | "signal" | "registryCredentials"> },
): Promise<string> {
  const { signal } = context;
  const docker = context.docker(address);
  if ((await docker.inspectImage(wanted, { signal })) !== undefined) return wanted;
  const used = (await docker.list({ signal })).find(({ Image }) => Image !== "");
  if (used !== undefined) return used.Image;
  const auth = await context.registryCredentials(wanted);
  await docker.pull(wanted, { signal, auth });
  return wanted;
}
