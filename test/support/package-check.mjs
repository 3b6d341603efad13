// What users get: the packed files, their types for every way of importing them, and an installation in an empty project.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { root, run } from "./run.mjs";

// A Pulumi program that imports the package pays for its door only; the libraries are for the provider's process.
const loadsLittle = `
  require("@pulumi/pulumi");
  const before = new Set(Object.keys(require.cache));
  const started = process.hrtime.bigint();
  require("pulumi-rke");
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  const loaded = Object.keys(require.cache).filter((file) => !before.has(file));
  const heavy = loaded.filter((file) => /node_modules\\/(ssh2|dockerode|node-forge|zod|js-yaml)\\//.test(file));
  if (heavy.length > 0) throw new Error("Importing pulumi-rke loads " + heavy[0]);
  console.log("Importing pulumi-rke loads " + loaded.length + " files in " + ms.toFixed(1) + " ms");
`;

// A preview opens no connection, so it does not load what opens them.
const opensNothing = `
  require("pulumi-rke/provider");
  const heavy = Object.keys(require.cache).find((file) => /node_modules\\/(ssh2|dockerode)\\//.test(file));
  if (heavy !== undefined) throw new Error("Importing pulumi-rke/provider loads " + heavy);
`;

const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-package-"));
try {
  run("npx", ["--no-install", "publint", "--strict"]);
  const packed = JSON.parse(
    run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { quiet: true }),
  );
  const [{ filename, files, unpackedSize }] = Array.isArray(packed) ? packed : Object.values(packed);
  const tarball = join(folder, filename);
  run("npx", ["--no-install", "attw", "--profile", "node16", tarball]);

  const stray = files
    .map(({ path }) => path)
    .filter((path) => !/^(dist\/|docs\/|CHANGELOG\.md|README\.md|LICENSE|package\.json)/.test(path));
  check(stray.length === 0, `files that do not belong into the package: ${stray.join(", ")}`);
  check(unpackedSize < 4_000_000, `the package unpacks to ${unpackedSize} bytes`);

  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{"name": "an-empty-project", "private": true}');
  // Pulumi is the program's own: here the version that we are tested with.
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/@pulumi/pulumi/package.json"), "utf8"));
  const quietly = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
  run("npm", ["install", ...quietly, tarball, `@pulumi/pulumi@${version}`], { cwd: project });
  run("npx", ["--no-install", "pulumi-rke", "--version"], { cwd: project });
  run("node", ["-e", loadsLittle], { cwd: project });
  run("node", ["-e", opensNothing], { cwd: project });
  run(
    "node",
    [
      "--input-type=module",
      "-e",
      'import { clusterYml } from "pulumi-rke"; if (clusterYml("nodes: []").nodes.length !== 0) process.exit(1)',
    ],
    { cwd: project },
  );
  console.log(`The package is sound: ${files.length} files, ${Math.round(unpackedSize / 1024)} KB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check(holds, message) {
  if (holds) return;
  console.error(message);
  process.exit(1);
}
