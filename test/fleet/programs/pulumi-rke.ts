import { createHash } from "node:crypto";

import { dataFile } from "../etcd-data.ts";
import { flagsOf, type Invocation, type Process, type Program, program } from "../programs.ts";
import { takeSnapshot } from "../snapshot.ts";
import { memberAt } from "./etcd-backup.ts";

/** What our containers of a moment do; their scripts are for a shell, and there is none on a fleet. */
export const pulumiRkePrograms: readonly Program[] = [
  program("pulumi-rke-listener", isFor("pulumi-rke-listener"), (process) => {
    for (const port of wordsOf(process)) listen(process, Number(port));
    return undefined;
  }),

  program("pulumi-rke-port-checker", isFor("pulumi-rke-port-checker"), ({ machine, log, ...process }) => {
    for (const target of wordsOf(process)) {
      const [host = "", port = ""] = target.split("|");
      const dialled = machine.world.network.dial(machine, host, Number(port));
      if (typeof dialled !== "string") log(`open ${target}`, "stdout");
    }
    return 0;
  }),

  program("pulumi-rke-file-remover", isFor("pulumi-rke-file-remover"), ({ files, log, ...process }) => {
    for (const path of wordsOf(process)) {
      if (files.read(path) === undefined) continue;
      files.remove(path);
      log(`removed ${path}`, "stdout");
    }
    return 0;
  }),

  /** Owners and modes of directories are nothing that a fleet knows. */
  program("pulumi-rke-etcd-directory", isFor("pulumi-rke-etcd-directory"), ({ files, log, env }) => {
    const folder = "/var/lib/rancher/etcd";
    const leftovers = env.FRESH === "true" ? files.list(folder) : [];
    for (const path of leftovers) files.remove(path);
    if (leftovers.length > 0 || files.read(dataFile(folder)) === undefined) log("changed", "stdout");
    return 0;
  }),

  program("pulumi-rke-fsync", isFor("pulumi-rke-fsync"), ({ log, machine, env }) => {
    log("1000.00", "stdout");
    log((1000 + (Number(env.WRITES) * machine.fsyncMs) / 1000).toFixed(2), "stdout");
    return 0;
  }),

  program("pulumi-rke-snapshot", isFor("pulumi-rke-snapshot"), saveSnapshot),
  program("pulumi-rke-snapshot-files", isFor("pulumi-rke-snapshot-files"), snapshotFiles),

  /** Works on the machine's own disk, as the real one does through the machine's mounts. */
  program("pulumi-rke-cleaner", isFor("pulumi-rke-cleaner"), ({ machine, log, ...process }) => {
    for (const folder of wordsOf(process)) {
      const paths = machine.disk.list(folder);
      for (const path of paths) machine.disk.remove(path);
      if (paths.length > 0) log(`removed ${folder}`, "stdout");
    }
    return 0;
  }),
];

function isFor(helper: string): (invocation: Invocation) => boolean {
  return ({ labels, argv }) => labels["pulumi-rke.helper"] === helper && argv[0] === "sh";
}

/** What follows `sh -c <script> <name>`. */
const wordsOf = ({ argv }: Pick<Process, "argv">): readonly string[] => argv.slice(4);

function listen(process: Process, port: number): void {
  try {
    process.listen(port, { accept: (socket) => socket.end() });
  } catch {
    // Taken by the real thing, which is as good.
  }
}

/** `etcdctl snapshot save` and `snapshot status`, then the files that are too many. A file is all there, or not at all. */
function saveSnapshot(process: Process): number {
  const [file = "", ...flags] = wordsOf(process);
  const options = flagsOf(flags);
  try {
    const { cluster } = memberAt(process, options);
    const content = takeSnapshot(cluster);
    process.files.write(file, content, 0o600);
    for (const old of tooMany(process)) process.files.remove(old);
    const { revision, store } = cluster;
    const hash = Number.parseInt(sha256(content).slice(0, 8), 16);
    process.log(JSON.stringify({ hash, revision, totalKey: store.size, totalSize: content.length }), "stdout");
    return 0;
  } catch (error) {
    process.log(`Error: ${error instanceof Error ? error.message : error}`, "stderr");
    return 1;
  }
}

function tooMany({ files, env }: Process): readonly string[] {
  const { PREFIX: prefix, NEWEST: newest, SINCE: since = "" } = env;
  if (prefix === undefined) return [];
  const isOfFamily = (path: string) =>
    path.startsWith(`/backup/${prefix}`) && /^[\dTZ-]*$/.test(path.slice(`/backup/${prefix}`.length));
  const family = files.list("/backup").filter(isOfFamily).toSorted();
  const first = family.find((path) => path >= `/backup/${since}`);
  return family.slice(0, -Number(newest)).filter((path) => path !== first);
}

/** What is done with files in the folder of snapshots. */
function snapshotFiles(process: Process): number {
  const [verb = "", ...words] = wordsOf(process);
  const { files, log, machine } = process;
  const at = (name: string): string => `/backup/${name}`;
  switch (verb) {
    case "clear": {
      for (const name of words) files.remove(at(name));
      const { sizeBytes, usedBytes } = machine.disk;
      const [size, used, free] = [sizeBytes, usedBytes, sizeBytes - usedBytes].map((bytes) => Math.floor(bytes / 1024));
      log(`/dev/sda1 ${size} ${used} ${free} 50% /`, "stdout");
      return 0;
    }
    case "measure":
      for (const name of words) {
        const content = files.read(at(name));
        if (content !== undefined) log(`${content.length} ${sha256(content)} ${name}`, "stdout");
      }
      return 0;
    case "settle": {
      const [name = "", wanted = "", arrived = ""] = words;
      const content = files.read(at(arrived));
      if (content === undefined || sha256(content) !== wanted) {
        files.remove(at(arrived));
        log(`what arrived has the checksum ${content && sha256(content)}, and ${wanted} was sent`, "stderr");
        return 3;
      }
      if (files.read(at(name)) !== undefined) {
        files.remove(at(arrived));
        log("there is a file of that name already", "stderr");
        return 4;
      }
      files.rename(at(arrived), at(name));
      return 0;
    }
    case "remove":
      for (const name of words) files.remove(at(name));
      return 0;
    default:
      log(`sh: ${verb}: not known`, "stderr");
      return 127;
  }
}

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
