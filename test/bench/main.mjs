// npm run -s bench -- NAME [options]: runs one benchmark and prints one line of JSON.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const benchmarks = {
  backup: () => import("./backup.mjs"),
  fleet: () => import("./fleet.mjs"),
  lab: () => import("./lab.mjs"),
  "lab-backup": () => import("./lab-backup.mjs"),
  plan: () => import("./plan.mjs"),
  preview: () => import("./preview.mjs"),
  snapshot: () => import("./snapshot.mjs"),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: "string" },
    latency: { type: "string" },
    mb: { type: "string" },
    plain: { type: "boolean" },
    only: { type: "string" },
    trace: { type: "string" },
  },
});
const [name] = positionals;
if (benchmarks[name] === undefined) {
  console.error(
    `Usage: npm run -s bench -- ${Object.keys(benchmarks).join("|")} [--nodes N] [--latency MS] [--mb N] [--plain] [--only SCENARIOS] [--trace FILE]`,
  );
  process.exit(2);
}
if (!existsSync(join(import.meta.dirname, "../../dist/sdk/index.js"))) {
  console.error("The sources are not compiled yet: run npm run build");
  process.exit(2);
}
const { bench } = await benchmarks[name]();
console.log(JSON.stringify(await bench(values)));
