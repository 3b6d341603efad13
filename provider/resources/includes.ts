import { readFile } from "node:fs/promises";

import type { ClusterConfig } from "../config/cluster-config.ts";
import { RkeError } from "../errors.ts";

interface Options {
  readonly signal?: AbortSignal;
}

/** Reads the files and URLs of `addonsInclude`, in their order. Undefined where none is named. */
export async function readIncludes(
  { addonsInclude = [] }: Pick<ClusterConfig, "addonsInclude">,
  { signal }: Options = {},
): Promise<readonly string[] | undefined> {
  if (addonsInclude.length === 0) return undefined;
  return Promise.all(addonsInclude.map((place) => (isUrl(place) ? fetched(place, signal) : read(place))));
}

/** The same for a preview, which opens no connection: where a URL is among them, nobody can say yet what they hold. */
export async function readLocalIncludes(
  config: Pick<ClusterConfig, "addonsInclude">,
): Promise<readonly string[] | undefined> {
  return config.addonsInclude?.some(isUrl) ? undefined : readIncludes(config);
}

const isUrl = (place: string): boolean => /^https?:\/\//.test(place);

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const because = code === "ENOENT" ? `there is no such file in ${process.cwd()}` : String((error as Error).message);
    throw new RkeError("config", { doing: `read ${path} of addonsInclude`, because }, { cause: error });
  }
}

/** A page that says "not found" is no manifest, which is why the status counts. */
async function fetched(url: string, signal: AbortSignal | undefined): Promise<string> {
  const doing = `fetch ${withoutLogin(url)} of addonsInclude`;
  const limit = AbortSignal.timeout(FETCH_LIMIT_MS);
  try {
    const response = await fetch(url, { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) });
    if (response.ok) return await response.text();
    throw new RkeError("config", { doing, because: `the server answered ${response.status} ${response.statusText}` });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RkeError) throw error;
    const { cause } = error as { cause?: unknown };
    const because = cause instanceof Error ? cause.message : (error as Error).message;
    throw new RkeError("config", { doing, because }, { cause: error });
  }
}

const FETCH_LIMIT_MS = 60_000;

/** A URL may carry a password, or a token after the question mark. */
function withoutLogin(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
