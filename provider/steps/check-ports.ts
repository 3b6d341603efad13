import { RkeError } from "../errors.ts";
import { helperNames } from "./our-containers.ts";
import { runOnce } from "./run-once.ts";
import { defineStep } from "./step.ts";

export interface PortTarget {
  readonly address: string;
  readonly port: number;
}

export interface CheckPortsParams {
  readonly node: string;
  readonly targets: readonly PortTarget[];
  readonly image: string;
}

/** Tries connections from one machine to others, all at once, from where its containers will make them. */
export const checkPorts = defineStep<CheckPortsParams>("check-ports", {
  title: ({ targets }) => `reach ${targets.length === 1 ? "a port" : `${targets.length} ports`} of other nodes`,

  async run({ node, targets, image }, context) {
    const spec = {
      name: helperNames.portChecker,
      image,
      entrypoint: ["sh", "-c", script, "check-ports"],
      cmd: targets.map(({ address, port }) => `${address}|${port}`),
      networkMode: "host",
    } as const;
    const doing = "reach other nodes";
    const { stdout } = await runOnce(node, spec, { context, doing, limitMs: 90_000 });
    const open = new Set(
      stdout.split("\n").flatMap((line) => (line.startsWith("open ") ? [line.slice(5).trim()] : [])),
    );
    const closed = targets.filter(({ address, port }) => !open.has(`${address}|${port}`));
    if (closed.length === 0) return "unchanged";
    throw new RkeError("unsafe", {
      doing,
      node: context.nameOf(node),
      because: `no connection to ${closed.map(({ address, port }) => `${address} port ${port}`).join(", ")}`,
      hint: "Check firewalls and security groups between the nodes, or waive the check of ports",
    });
  },
});

/** Each target three times: who listens for the check may have started a moment ago. */
const script = `try() {
  for wait in 1 2 0; do
    if nc -z -w 5 "\${1%|*}" "\${1#*|}" </dev/null >/dev/null 2>&1; then echo "open $1"; return; fi
    sleep $wait
  done
}
for target in "$@"; do try "$target" & done
wait`;
