import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root, run } from "./run.mjs";

rmSync(join(root, "dist"), { recursive: true, force: true });
run("npx", ["--no-install", "tsc", "-p", "tsconfig.build.json"]);
// tsc writes JSON with four spaces before each line, which is more than half of it.
for (const name of readdirSync(join(root, "dist"), { recursive: true })) {
  if (!name.endsWith(".json")) continue;
  const file = join(root, "dist", name);
  writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, "utf8"))));
}
chmodSync(join(root, "dist/provider/cli/main.js"), 0o755);
