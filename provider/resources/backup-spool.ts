import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { processExists } from "../execute/owner.ts";

/**
 * A folder for archives on their way, on the machine that runs Pulumi, gone afterwards. It lies where the archive is to stay,
 * since there must be room for it there; else among the temporary files.
 */
export async function withSpool<T>(
  { folder }: { readonly folder: string | undefined },
  work: (spool: string) => Promise<T>,
): Promise<T> {
  const home = spoolHome(folder);
  await sweep(home);
  const spool = await mkdtemp(join(home, `${prefix}${process.pid}-`));
  try {
    return await work(spool);
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

export const spoolHome = (folder: string | undefined): string => (folder === undefined ? tmpdir() : resolve(folder));

/** Not shown by listings, and swept by the next run where a process had no time to. */
const prefix = ".pulumi-rke-spool-";

/** Takes away what killed processes have left: all Secrets of a cluster are in it. */
async function sweep(home: string): Promise<void> {
  const entries = await readdir(home).catch(() => []);
  const left = entries.filter((entry) => {
    const [, pid] = new RegExp(`^\\${prefix}(\\d+)-`).exec(entry) ?? [];
    return pid !== undefined && Number(pid) !== process.pid && !processExists(Number(pid));
  });
  for (const entry of left) await rm(join(home, entry), { recursive: true, force: true }).catch(() => undefined);
}
