// Makes a fresh clone ready for its tests: packages installed as the lock file says, and the sources compiled.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { root, run } from "./run.mjs";

const installed = join(root, "node_modules/.package-lock.json");
if (!existsSync(installed) || changed(join(root, "package-lock.json")) > changed(installed))
  run("npm", ["ci", "--no-audit", "--no-fund"]);

const built = join(root, "dist/sdk/index.js");
const sources = ["sdk", "provider", "tsconfig.json", "tsconfig.build.json"].map((name) => newest(join(root, name)));
if (!existsSync(built) || Math.max(...sources) > changed(built)) run("npm", ["run", "--silent", "build"]);

function changed(path) {
  return statSync(path).mtimeMs;
}

function newest(path) {
  if (!statSync(path).isDirectory()) return changed(path);
  return Math.max(...readdirSync(path, { recursive: true }).map((name) => changed(join(path, name))));
}
