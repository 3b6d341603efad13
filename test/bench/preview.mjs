// What `pulumi preview` takes for a cluster that is as it should be, beside that of a program without resources, and what
// an `up` takes that has nothing to do. The cluster is made on simulated machines by the program of the quickstart.
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
    await empty.up();
    const emptyMs = await medianMs(empty.preview);
    const stack = await aStack({ name: "bench", inventory, print });
    await stack.up();
    const previewMs = await medianMs(stack.preview);
    const upNoopMs = await medianMs(stack.up);
    return { nodes: count, emptyMs, previewMs, upNoopMs };
  } finally {
    await fleet.close();
    rmSync(folder, { recursive: true });
  }
}

/** The middle one of three. */
async function medianMs(deed) {
  const times = [];
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    await deed();
    times.push(Math.round(performance.now() - started));
  }
  return times.sort((a, b) => a - b)[1];
}
