import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { type HelperSpec, withHelper } from "./helper-container.ts";
import { lastLine } from "./last-words.ts";

export interface RunOnceOptions {
  readonly context: Context;
  /** Reads after "Cannot" in an error. */
  readonly doing: string;
  readonly limitMs?: number;
  /** Exit codes other than 0 that are an answer. */
  readonly alsoFine?: readonly number[];
  /** Is done to the container before it starts. */
  readonly before?: (container: string) => Promise<void>;
}

/** Runs a program on a machine in a container of its own, and returns what it has printed. */
export async function runOnce(
  node: string,
  spec: HelperSpec,
  { context, doing, limitMs = 120_000, alsoFine = [], before }: RunOnceOptions,
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const docker = context.docker(node);
  const signal = withDeadline(context.signal, limitMs, doing);
  const work = async (name: string) => {
    await before?.(name);
    await docker.start(name, { signal });
    const exitCode = await docker.wait(name, { signal });
    return { exitCode, ...(await docker.logs(name, { signal })) };
  };
  const ended = await withHelper(node, spec, { context, work });
  const { exitCode, stdout, stderr } = ended;
  if (exitCode === 0 || alsoFine.includes(exitCode)) return ended;
  const said = lastLine(stderr) ?? lastLine(stdout);
  throw new RkeError("docker", {
    doing,
    node: context.nameOf(node),
    because: `it ended with code ${exitCode}${said === undefined ? "" : `: "${said}"`}`,
  });
}
