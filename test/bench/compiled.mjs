// Parts of the simulator are TypeScript under test/: they are compiled, without checking types, into node_modules/.cache/bench,
// which takes a few seconds the first time. What has not changed since is not compiled again.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "../..");
const cache = join(root, "node_modules/.cache/bench");

/** The compiled form of a file, by its path from the root of the project. */
export function compiled(file) {
  mkdirSync(cache, { recursive: true });
  const name = basename(file, ".ts");
  const config = join(cache, `${name}.json`);
  const compilerOptions = {
    noEmit: false,
    noCheck: true,
    declaration: false,
    rootDir: root,
    outDir: join(cache, "out"),
    incremental: true,
    tsBuildInfoFile: join(cache, `${name}.tsbuildinfo`),
    typeRoots: [join(root, "node_modules/@types")],
  };
  const files = [join(root, file)];
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: [], files }));
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], { stdio: "inherit" });
  return join(cache, "out", file.replace(/\.ts$/, ".js"));
}
