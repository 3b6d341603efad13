import { RkeError } from "../errors.ts";
import { defineStep } from "./step.ts";

export interface RestartContainerParams {
  readonly node: string;
  readonly name: string;
  /** Why, for the preview; reads after "because": `its certificate is new`. */
  readonly because: string;
  /** What was started after this time is left alone. Milliseconds since the epoch, by the machine's clock. */
  readonly sinceMs: number;
  readonly graceSeconds?: number;
}

/** Restarts a container that has to read something anew, unless it has been started since. */
export const restartContainer = defineStep<RestartContainerParams>("restart-container", {
  title: ({ name, because }) => `restart ${name}, because ${because}`,

  async run({ node, name, sinceMs, graceSeconds = 5 }, context) {
    const docker = context.docker(node);
    const { signal } = context;
    const state = (await docker.inspect(name, { signal }))?.State;
    if (state === undefined) {
      throw new RkeError("docker", {
        doing: `restart ${name}`,
        node: context.nameOf(node),
        because: "there is no such container",
        hint: "Run it again: a fresh look at the machine decides what is to be done",
      });
    }
    if (state.Running && Date.parse(state.StartedAt) > sinceMs) return "unchanged";
    await docker.restart(name, { graceSeconds, signal });
    return "changed";
  },
});
