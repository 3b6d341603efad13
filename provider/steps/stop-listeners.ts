import { helperNames } from "./our-containers.ts";
import { defineStep } from "./step.ts";

export interface StopListenersParams {
  readonly node: string;
}

/** Gives the ports back that were listened on for a check. */
export const stopListeners = defineStep<StopListenersParams>("stop-listeners", {
  title: () => "stop listening",

  async run({ node }, context) {
    const docker = context.docker(node);
    const { signal } = context;
    if ((await docker.inspect(helperNames.listener, { signal })) === undefined) return "unchanged";
    await docker.remove(helperNames.listener, { signal });
    return "changed";
  },
});
