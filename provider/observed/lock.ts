import { journalLines } from "../execute/journal.ts";
import { journalPath, lockName, lockRecordOf } from "../execute/lock-record.ts";
import { unpacked } from "../hosts/archive.ts";
import type { Docker } from "../hosts/docker.ts";
import { readAll } from "../hosts/http.ts";
import type { ListedContainer } from "./containers.ts";
import type { ReachedNode } from "./facts.ts";

/** Reads the lock of a machine and the journal in it: of the run that goes on, or of one that was killed. */
export async function lookAtLock(
  docker: Docker,
  { listed, signal }: { listed: readonly ListedContainer[]; signal?: AbortSignal | undefined },
): Promise<ReachedNode["lock"]> {
  const lock = listed.find(({ fact }) => fact.name === lockName);
  if (lock === undefined) return undefined;
  const archive = await docker.getArchive(lockName, journalPath, { signal });
  const file = archive === undefined ? undefined : unpacked(await readAll(archive))[0];
  const journal = [...journalLines(file?.content.toString("utf8") ?? "")];
  return { ...lockRecordOf(lock.fact.labels), journal };
}
