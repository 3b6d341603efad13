import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import ts from "typescript";

const root = join(__dirname, "../..");
const require = createRequire(__filename);

/** The program of an example, run from the start each time, as Pulumi runs it. Its exports are the stack's outputs. */
export function exampleProgram(name: string): PulumiFn {
  const folder = compiled(name);
  return async () => {
    for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
    return require(join(folder, "index.js"));
  };
}

/** Compiles an example as Pulumi does, without looking at its types, to a folder from which the package is found. */
function compiled(name: string): string {
  const source = join(root, "examples", name);
  mkdirSync(join(root, ".vitest"), { recursive: true });
  const folder = mkdtempSync(join(root, ".vitest", `example-${name}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  // Packages that an example uses and that cannot be run here.
  cpSync(join(__dirname, "stand-ins"), join(folder, "node_modules"), { recursive: true });
  for (const file of readdirSync(source).filter((file) => !/^(package.*\.json|node_modules)$/.test(file))) {
    if (!file.endsWith(".ts")) {
      cpSync(join(source, file), join(folder, file));
      continue;
    }
    const { outputText } = ts.transpileModule(readFileSync(join(source, file), "utf8"), { compilerOptions });
    writeFileSync(join(folder, file.replace(/\.ts$/, ".js")), outputText);
  }
  return folder;
}

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2023,
  rewriteRelativeImportExtensions: true,
};
