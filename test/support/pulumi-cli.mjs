// Finds a Pulumi CLI: from an earlier run, on PATH, by Pulumi's own installer, or built from the Go module. Run by
// itself, it prints the folder that has bin/pulumi.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const sdk = dirname(require.resolve("@pulumi/pulumi/package.json"));
const version = "3.250.0";
const command = process.platform === "win32" ? "pulumi.exe" : "pulumi";
const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pulumi-rke");
const root = join(cacheFolder, `pulumi-${version}`);

/** The folder of a CLI that is there already, or undefined. */
export function findPulumiCli() {
  if (existsSync(join(root, "bin", command))) return root;
  const onPath = (process.env.PATH ?? "").split(delimiter).find((folder) => isRecent(join(folder, command)));
  return onPath === undefined ? undefined : dirname(onPath);
}

/** The folder of a CLI, which is fetched or built when there is none. `say` gets a sentence about what takes long. */
export async function pulumiCli({ say = () => undefined } = {}) {
  const found = findPulumiCli();
  if (found !== undefined) return found;
  say(`Fetching the Pulumi CLI ${version}`);
  if (await install()) return root;
  say("It cannot be fetched here. Building it from its Go module, which takes some minutes, once");
  await build(say);
  return root;
}

/** The PATH with which the engine finds itself and the process for dynamic resources, which comes with the SDK too. */
export const pathFor = (cli) => [join(cli, "bin"), process.env.PATH ?? "", sdk].join(delimiter);

/** Installations have their CLI in a folder bin; one that lies elsewhere cannot be handed to the Automation API. */
function isRecent(path) {
  if (dirname(path).split(/[\\/]/).at(-1) !== "bin" || !existsSync(path)) return false;
  const { stdout } = spawnSync(path, ["version"], { encoding: "utf8", env: quiet });
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(stdout ?? "") ?? [];
  return Number(major) === 3 && Number(minor) >= 150;
}

const quiet = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };

async function install() {
  const { PulumiCommand } = require("@pulumi/pulumi/automation");
  try {
    await PulumiCommand.install({ root, version });
    return existsSync(join(root, "bin", command));
  } catch {
    return false;
  }
}

/** `go install …@version` refuses modules with replacements, so the CLI is built as a dependency of an empty module. */
async function build(say) {
  mkdirSync(cacheFolder, { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, "build-"));
  try {
    const main = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
    const stamp = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
    writeFileSync(join(folder, "tools.go"), `//go:build tools\n\npackage tools\n\nimport _ "${main}"\n`);
    await go(folder, ["mod", "init", "pulumi-cli"], say);
    await go(folder, ["get", `${main}@v${version}`], say);
    await go(folder, ["build", "-trimpath", `-ldflags=${stamp}`, "-o", join(folder, command), main], say);
    mkdirSync(join(root, "bin"), { recursive: true });
    // Pulumi's own archives have the process for dynamic resources beside the CLI too.
    const plugin = `pulumi-resource-pulumi-nodejs${process.platform === "win32" ? ".cmd" : ""}`;
    copyFileSync(join(sdk, plugin), join(root, "bin", plugin));
    // In one move, since a test that starts in between must not find half a program.
    renameSync(join(folder, command), join(root, "bin", command));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Says every quarter of a minute that it is still at work: both the download and the compiler are silent for minutes. */
async function go(cwd, args, say) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const sign = setInterval(() => say(`"go ${args[0]}" has been at work for ${seconds()} s`), 15_000);
  try {
    // A compiler that seldom collects its garbage needs a tenth less of the processor.
    const env = { ...process.env, GOFLAGS: "", GOGC: "400" };
    const { status, error, stderr } = await ended(spawn("go", args, { cwd, env }));
    if (status === 0) return;
    const because =
      error === undefined ? `"go ${args[0]}" ended with code ${status}:\n${stderr}` : "there is no Go either";
    throw new Error(`Cannot get a Pulumi CLI: ${because}\n  Install one, so that "pulumi version" works`);
  } finally {
    clearInterval(sign);
  }
}

function ended(child) {
  let stderr = "";
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ error, stderr }));
    child.on("close", (status) => resolve({ status, stderr }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const say = (sentence) => process.stderr.write(`${sentence}\n`);
  // Not awaited: what waits at the top level cannot be required.
  void pulumiCli({ say }).then((folder) => process.stdout.write(`${folder}\n`));
}
