import type { Manifest } from "../desired/addons/manifest.ts";
import { refOf, refText } from "../desired/addons/object-ref.ts";
import { fieldManager } from "../desired/addons/owned-digest.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import { until } from "../execute/wait.ts";
import { apiPatienceMs } from "./kube-node.ts";

interface Place {
  /** Of the object itself. */
  readonly path: string;
  readonly context: Context;
}

/** Applies one object as ours, whoever has set its fields before; returns it as the server has it then. */
export async function applied(manifest: Manifest, { path, context }: Place): Promise<unknown> {
  const doing = `apply ${refText(refOf(manifest))}`;
  const attempt = async () => {
    const signal = withDeadline(context.signal, apiPatienceMs, doing);
    const kube = await context.kube();
    try {
      return await kube.apply(path, manifest, { fieldManager, force: true, signal });
    } catch (error) {
      throw silent(manifest, error);
    }
  };
  try {
    return await retry(doing, attempt, { context, attempts: 6 });
  } catch (error) {
    if (isRefusedJob(manifest, error)) return again(manifest, { path, context });
    throw error;
  }
}

/** What a job runs cannot be changed; the server answers 422 to who tries. */
const isRefusedJob = ({ kind }: Manifest, error: unknown): boolean =>
  kind === "Job" && error instanceof RkeError && error.detail.because.startsWith("the API server answered 422");

/** Puts a job that is wanted otherwise in the place of the one that is there. */
async function again(manifest: Manifest, { path, context }: Place): Promise<unknown> {
  const what = refText(refOf(manifest));
  const kube = await context.kube();
  await kube.delete(path, { signal: context.signal });
  await until(
    `${what} to be gone`,
    async (signal) => {
      const there = await (await context.kube()).request("GET", path, { doing: `look for ${what}`, signal });
      return there === undefined ? { done: true, value: undefined } : { done: false, lastAnswer: "it is still there" };
    },
    { intervalMs: 1000, limitMs: 60_000, context },
  );
  const signal = withDeadline(context.signal, apiPatienceMs, `apply ${what}`);
  return (await context.kube()).apply(path, manifest, { fieldManager, force: true, signal });
}

/** What a server says of a Secret may have a part of it inside. */
function silent({ kind }: Manifest, error: unknown): unknown {
  if (kind !== "Secret" || !(error instanceof RkeError)) return error;
  const because = error.detail.because.replace(/(answered \d+): [\s\S]*$/, "$1");
  const hint = "What it said is not shown, since it may quote the Secret";
  return new RkeError(error.code, { ...error.detail, because, hint }, { transient: error.transient });
}
