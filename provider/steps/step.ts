import type { Context } from "../execute/context.ts";
import type { Outcome } from "../progress.ts";

/** One deed with a title: what a planner makes, a preview prints and the executor runs. All but `run` is data. */
export interface Step {
  readonly kind: string;
  readonly title: string;
  /** Address of the machine it is done on; absent for deeds on the cluster as a whole. */
  readonly node?: string;
  readonly params: object;
  /** Set where order means nothing: runs at once with its neighbours in the lane that say the same. */
  readonly alongside?: Alongside;
  run(context: Context): Promise<Outcome>;
}

/**
 * What does not depend on its like: images are pulled together, the containers of a new machine start together, the API server
 * and the kubelet of one in use are replaced together, and what is waited for goes on by itself meanwhile.
 */
export type Alongside = "pulls" | "starts" | "replacements" | "waits";

interface Definition<P extends object> {
  /** What a preview prints, as an instruction: `start etcd`. The machine is printed beside it. */
  readonly title: (params: P) => string;
  /** Looks first, acts only when there is something to do, and may be run again after being killed anywhere. */
  readonly run: (params: P, context: Context) => Promise<Outcome>;
  readonly alongside?: (params: P) => Alongside | undefined;
}

/** Makes the constructor of a kind of step. Parameters that name a machine do it as `node`. */
export function defineStep<P extends object>(
  kind: string,
  { title, run, alongside }: Definition<P>,
): (params: P) => Step {
  return (params) => {
    const neighbours = alongside?.(params);
    return {
      kind,
      title: title(params),
      ...("node" in params && typeof params.node === "string" && { node: params.node }),
      params,
      ...(neighbours !== undefined && { alongside: neighbours }),
      run: (context) => run(params, context),
    };
  };
}
