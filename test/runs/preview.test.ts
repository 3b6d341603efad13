import { afterEach, describe, expect, it } from "vitest";

import type { RunEvent } from "../../provider/progress.ts";
import type { Runbook } from "../../provider/reconcile/runbook.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { enter, play, scenarios, staged } from "./scenarios.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

const changes = scenarios.filter(({ after }) => after !== undefined);
/** What comes after these is decided when it is seen what the restored data say. */
const restores = changes.filter(({ restores, gaveUpRestore }) => restores || gaveUpRestore);

describe("previewUp()", () => {
  it.each(changes.filter((scenario) => !restores.includes(scenario)))(
    "says what happens, step by step on each machine: $name",
    async (scenario) => {
      const { cluster, ...on } = await enter(await staged(scenario), scenario);
      fleet = on.fleet;
      const seen = await cluster.look();
      const connections = connectionsTo(fleet);

      const promised = await cluster.preview(seen);
      const connectionsAfter = connectionsTo(fleet);
      cluster.events.length = 0;
      await play(cluster, scenario);

      expect(started(cluster.events)).toEqual(stepsOf(promised));
      expect(connectionsAfter).toBe(connections);
    },
  );

  it.each(restores)("says what happens until the data are others: $name", async (scenario) => {
    const { cluster, ...on } = await enter(await staged(scenario), scenario);
    fleet = on.fleet;
    const seen = await cluster.look();

    const promised = await cluster.preview(seen);
    cluster.events.length = 0;
    await play(cluster, scenario);

    expect(promised.length).toBeGreaterThan(0);
    expect(started(cluster.events).slice(0, promised.length)).toEqual(stepsOf(promised));
  });
});

describe("bringUp() with nothing to do", () => {
  it("changes nothing on any machine, takes no lock, and asks over one connection to each", async () => {
    const [create] = changes.filter(({ name }) => name === "create three servers and two workers");
    if (create === undefined) throw new Error("The scenario is gone");
    const { after = {} } = create;
    const { cluster, ...on } = await enter(await staged({ ...create, before: after }), create);
    fleet = on.fleet;
    const before = connectionsTo(fleet);

    const { runbook } = await cluster.up();

    expect(runbook).toEqual([]);
    expect(fleet.journal.events).toEqual([]);
    expect(connectionsTo(fleet) - before).toBe(5);
  });
});

const connectionsTo = ({ nodes }: Fleet): number => nodes.reduce((sum, { ssh }) => sum + ssh.counts.connections, 0);

/** By phase: for each machine what happens on it, in order. Machines of one phase have no order among themselves. */
type Steps = readonly { readonly phase: string; readonly on: Readonly<Record<string, readonly string[]>> }[];

const stepsOf = (runbook: Runbook): Steps =>
  runbook.map(({ title, lanes }) => ({ phase: title, on: byMachine(lanes.flat()) }));

function started(events: readonly RunEvent[]): Steps {
  const phases: { phase: string; steps: { node?: string; title: string }[] }[] = [];
  for (const event of events) {
    if (event.kind === "phase-started") phases.push({ phase: event.phase, steps: [] });
    if (event.kind === "step-started") phases.at(-1)?.steps.push({ ...event, title: event.step });
  }
  return phases.map(({ phase, steps }) => ({ phase, on: byMachine(steps) }));
}

/** A step on the cluster as a whole stands for itself, since lanes that have no machine run side by side. */
function byMachine(steps: readonly { readonly node?: string; readonly title: string }[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { node, title } of steps) {
    const key = node ?? title;
    found[key] = [...(found[key] ?? []), title];
  }
  return found;
}
