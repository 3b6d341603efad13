import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";

import { root, run } from "./run.mjs";

rmSync(join(root, "dist"), { recursive: true, force: true });
run("npx", ["--no-install", "tsc", "-p", "tsconfig.build.json"]);
chmodSync(join(root, "dist/provider/cli/main.js"), 0o755);
