import { defineStep } from "./step.ts";

export interface RemoveContainerParams {
  readonly node: string;
  readonly name: string;
  readonly graceSeconds?: number;
}

/** Ends and removes a container, with what a replacement that was cut short has left of it. */
export const removeContainer = defineStep<RemoveContainerParams>("remove-container", {
  title: ({ name }) => `remove ${name}`,

  async run({ node, name, graceSeconds = 5 }, context) {
    const docker = context.docker(node);
    const { signal } = context;
    const names = [name, `old-${name}`];
    const found = await Promise.all(names.map((one) => docker.inspect(one, { signal })));
    const present = names.filter((_, index) => found[index] !== undefined);
    await Promise.all(
      present.map(async (one) => {
        await docker.stop(one, { graceSeconds, signal });
        await docker.remove(one, { signal });
      }),
    );
    return present.length === 0 ? "unchanged" : "changed";
  },
});
