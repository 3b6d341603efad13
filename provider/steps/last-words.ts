import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { jsonObject } from "../hosts/http.ts";
import { redact } from "../secrets.ts";

interface Where {
  readonly node: string;
  readonly name: string;
}

/**
 * How a container stands and what it said last, as a clause: `etcd exited with code 1, and its last words are "…"`. What is
 * known already is not said again.
 */
export async function lastWords(
  { node, name }: Where,
  { context, known = "" }: { context: Context; known?: string },
): Promise<string | undefined> {
  const docker = context.docker(node);
  const { signal } = context;
  try {
    const state = (await docker.inspect(name, { signal }))?.State;
    if (state === undefined) return `there is no container ${name}`;
    const { stdout, stderr } = await docker.logs(name, { tail: 5, signal });
    const isUp = state.Running && !state.Restarting;
    const standing = isUp
      ? `${name} runs`
      : `${name} ${STANDING[state.Status] ?? "exited"} with code ${state.ExitCode}`;
    const words = [state.Error, lastLine(stderr), lastLine(stdout)].find((text) => text !== undefined && text !== "");
    return words === undefined || known.includes(words) ? standing : `${standing}, and its last words are "${words}"`;
  } catch {
    // This is about another failure, which must not be hidden by one more.
    return undefined;
  }
}

const STANDING: Readonly<Record<string, string>> = { restarting: "restarts again and again: it exited" };

/** The same error, with what a container said last. */
export async function withLastWords(error: unknown, where: Where, context: Context): Promise<unknown> {
  if (!(error instanceof RkeError) || context.signal.aborted) return error;
  const words = await lastWords(where, { context, known: error.detail.because });
  if (words === undefined) return error;
  const { code, detail, transient } = error;
  return new RkeError(code, { ...detail, because: `${detail.because}; ${words}` }, { cause: error, transient });
}

/** The last line that says something, short enough for an error and without keys. */
export function lastLine(output: string): string | undefined {
  const found = output
    .split("\n")
    .map((text) => text.trim())
    .findLast((text) => text !== "");
  if (found === undefined) return undefined;
  const line = redact(fromJson(found));
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

const LONGEST = 300;

/** etcd writes objects, of which two parts say what has happened. */
function fromJson(line: string): string {
  const { msg, error } = jsonObject(line) ?? {};
  if (typeof msg !== "string") return line;
  return typeof error === "string" ? `${msg}: ${error}` : msg;
}
