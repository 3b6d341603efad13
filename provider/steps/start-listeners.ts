import { createHelper } from "./helper-container.ts";
import { helperNames } from "./our-containers.ts";
import { defineStep } from "./step.ts";

export interface StartListenersParams {
  readonly node: string;
  readonly ports: readonly number[];
  readonly image: string;
}

/**
 * Listens on ports of a machine where nothing listens yet, in the place of what will. Ends by itself after two minutes: a
 * run that is killed must not leave the ports taken.
 */
export const startListeners = defineStep<StartListenersParams>("start-listeners", {
  title: ({ ports }) => `listen on ${ports.join(", ")}`,

  async run({ node, ports, image }, context) {
    const spec = {
      name: helperNames.listener,
      image,
      entrypoint: ["sh", "-c", script, "listen"],
      cmd: ports.map(String),
      networkMode: "host",
    } as const;
    await createHelper(node, spec, { context, autoRemove: true });
    await context.docker(node).start(spec.name, { signal: context.signal });
    return "changed";
  },
});

/** Where a port is taken, nc ends at once; then the real thing is there, which is as good. */
const script = 'for port in "$@"; do nc -kl -p "$port" -e true & done; sleep 120; kill $(jobs -p) 2>/dev/null; exit 0';
