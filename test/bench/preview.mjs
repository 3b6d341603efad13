// What `pulumi preview` takes for a cluster that is as it should be, beside that of a program without resources, and what
// an `up` takes that has nothing to do. The cluster is made on simulated machines by the program of the quickstart. They
// take turns, so that what else the machine does meets all of them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startFleet } from "../../quickstart/fleet.mjs";
import { aStack } from "../../quickstart/stack.mjs";

export async function bench({ nodes = "3" }) {
  const count = Number(nodes);
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-bench-"));
  const { fleet, inventory } = await startFleet(join(folder, "machines"), { nodes: count, pace: {} });
  try {
    const print = () => undefined;
    const empty = await aStack({ name: "empty", inventory, print, program: async () => undefined });
    const stack = await aStack({ name: "bench", inventory, print });
    await empty.up();
    await stack.up();
    const rounds = [];
    while (rounds.length < 5) {
      const emptyMs = await msOf(empty.preview);
      const previewMs = await msOf(stack.preview);
      const upNoopMs = await msOf(stack.up);
      rounds.push({ emptyMs, previewMs, upNoopMs, previewOverEmptyMs: previewMs - emptyMs });
    }
    return { nodes: count, ...middleOf(rounds) };
  } finally {
    await fleet.close();
    rmSync(folder, { recursive: true });
  }
}

async function msOf(deed) {
  const started = performance.now();
  await deed();
  return Math.round(performance.now() - started);
}

/** The middle value of each; a machine that has other things to do spoils single rounds. */
function middleOf(rounds) {
  const middle = (name) => rounds.map((round) => round[name]).sort((a, b) => a - b)[Math.floor(rounds.length / 2)];
  return Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, middle(name)]));
}
