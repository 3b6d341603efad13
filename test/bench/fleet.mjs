// The time and memory of creating, looking at, leaving alone and upgrading a cluster on N simulated machines.
//
// How the figures split: `cpuMs` holds both ends of every connection, ours and the simulated machines', on one thread. A
// machine takes 12 to 17 ms of it to greet and look at, and 40 to 65 ms to create, so that from a hundred machines on the
// processor decides and the time grows with them. What `wallMs` has beyond that is waiting: for round trips
// (`sequentialRoundTrips` on the busiest machine, `workerRoundTrips` on one that only runs pods), which with a latency
// decide for few machines, and for what rolls a tenth of the workers at a time, which is policy. Other work on the
// computer shows in `wallMs`, hardly in `cpuMs` and not in the round trips: compare those.
//
// The program runs in a process of its own, so that its memory is its own.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { compiled } from "./compiled.mjs";

const root = join(import.meta.dirname, "../..");

export async function bench({ nodes = "10", latency = "0" }) {
  const program = `require(${JSON.stringify(compiled("test/bench/fleet-clock.ts"))})
    .timeFleet({ nodes: ${Number(nodes)}, latencyMs: ${Number(latency)} })
    .then((figures) => console.log(JSON.stringify(figures)), (error) => { console.error(error); process.exitCode = 1; })`;
  // Without a bound V8 lets garbage lie: with 500 machines the process grows to some 600 MB, of which less than a fifth is
  // in use once all garbage is collected (`liveMb`). What a cluster needs shows when V8 may not take everything.
  const flags = ["--max-old-space-size=320", "--expose-gc"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, "-e", program], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}
