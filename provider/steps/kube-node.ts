import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import type { Node } from "../hosts/kube-objects.ts";
import type { Outcome } from "../progress.ts";

/** An API server that hangs says nothing, not even no. */
export const apiPatienceMs = 60_000;

/** The annotation of a cordon of ours; its value is the time. */
export const cordonedAnnotation = "pulumi-rke/cordoned";

interface Changing {
  readonly context: Context;
  readonly what: string;
  /** As it was read a moment ago; without it, it is read. */
  readonly seen?: Node | undefined;
}

/**
 * Changes a Node object by what `change` makes of it, on condition that nobody else has changed it meanwhile; then it is
 * read again. No Node and no change are "unchanged".
 */
export async function changeNode(
  name: string,
  change: (node: Node) => object | undefined,
  { context, what, seen }: Changing,
): Promise<Outcome> {
  const attempt = async (round: number): Promise<Outcome> => {
    const signal = withDeadline(context.signal, apiPatienceMs, what);
    const kube = await context.kube();
    const node = round === 1 && seen !== undefined ? seen : await kube.node(name, { signal });
    const patch = node === undefined ? undefined : change(node);
    if (node === undefined || patch === undefined) return "unchanged";
    const metadata = { ...("metadata" in patch && (patch.metadata as object)), ...versionOf(node) };
    try {
      await kube.patchNode(name, { ...patch, metadata }, { signal });
    } catch (error) {
      throw isConflict(error) ? new RkeError("kube", error.detail, { cause: error, transient: true }) : error;
    }
    return "changed";
  };
  return retry(what, attempt, { context, attempts: 8 });
}

const versionOf = ({ metadata: { resourceVersion } }: Node) =>
  resourceVersion === undefined ? {} : { resourceVersion };

/** The kubelet writes to its Node all the time, so that somebody is faster now and then. */
const isConflict = (error: unknown): error is RkeError =>
  error instanceof RkeError && error.detail.because.startsWith("the API server answered 409");
