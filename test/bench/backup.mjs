// Fetches a database from a machine over SSH and Docker's API, packs it, and stores the archive on the machine: how long that
// takes, and the most memory that the process has had. With --plain the machine does not compress what it sends. The machine
// is simulated and runs in a process of its own.
import { spawn } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { compiled } from "./compiled.mjs";
import { manifest, rssMb, timed } from "./snapshots.mjs";

const provider = createRequire(join(import.meta.dirname, "../../dist/provider/index.js"));

export async function bench({ mb = "2048", plain = false }) {
  const child = spawn(process.execPath, [
    "-e",
    `require(${JSON.stringify(compiled("test/bench/large-machine.ts"))}).largeMachine({ mb: ${Number(mb)} })
      .then((machine) => console.log(JSON.stringify(machine)))`,
  ]);
  child.stderr.pipe(process.stderr);
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-bench-"));
  const { hosts, context } = await contextTo(JSON.parse(String(await once(child.stdout))), { plain });
  try {
    const { readSnapshot, writeSnapshot } = provider("./steps/snapshot-files.js");
    const { packSnapshot } = provider("./snapshots/archive.js");
    const machine = { node, image: "tools", name: "bench.zip" };
    const file = join(folder, "bench.zip");
    const startMb = rssMb();
    const { value: packed, ms: fetchMs } = await timed(() =>
      readSnapshot(machine, { context, work: ({ content }) => packSnapshot({ file, database: content, manifest }) }),
    );
    const fetchedMb = rssMb();
    const { sizeBytes, sha256 } = packed;
    const content = () => createReadStream(file);
    const { ms: storeMs } = await timed(() => writeSnapshot({ ...machine, content, sizeBytes, sha256 }, context));
    return {
      mb: Number(mb),
      archiveMb: Math.round(sizeBytes / 2 ** 20),
      fetchMs,
      storeMs,
      startMb,
      fetchedMb,
      mostMb: rssMb(),
    };
  } finally {
    hosts.close();
    child.kill();
    rmSync(folder, { recursive: true });
  }
}

const node = "10.0.0.1";

async function contextTo({ privateKey, ...login }, { plain }) {
  const [{ Hosts }, { Pool }, { makeContext }, { Secret }] = [
    provider("./hosts/hosts.js"),
    provider("./hosts/pool.js"),
    provider("./execute/make-context.js"),
    provider("./secrets.js"),
  ];
  const connections = () => ({ ...login, privateKey: new Secret(privateKey) });
  const hosts = new Hosts({ connections, pool: new Pool(), nameOf: () => "bench" });
  const context = makeContext({
    plan: { nodes: [], config: { privateRegistries: [], systemImages: { etcd: "etcd:v3.5.21" } } },
    certificates: {},
    host: (address) => hosts.at(address),
    clock: () => new Date(),
    signal: new AbortController().signal,
    emit: () => undefined,
  });
  if (!plain) return { hosts, context };
  const docker = hosts.at(node).docker();
  const get = docker.getArchive.bind(docker);
  docker.getArchive = (name, path, options) => get(name, path, { ...options, squeezed: false });
  return { hosts, context };
}

const once = (stream) => new Promise((resolve) => stream.once("data", resolve));
