import { createHash } from "node:crypto";

import { restoreMarkerPath } from "../../../provider/steps/restore-marker.ts";
import type { FileView } from "../disk.ts";
import type { Invocation, Process, Program } from "../programs.ts";
import { program } from "../programs.ts";
import { readSnapshot, restoreSnapshot } from "../snapshot.ts";
import { initialClusterOf } from "./etcd.ts";

/** Says what the script says on its way out with code 1. */
class Refusal extends Error {}

/**
 * What the script of `provider/steps/restore-script.ts` does, in the same order: a fleet has no shell. Folders exist on a
 * fleet because files lie in them, so one that may be empty holds a file that says so.
 */
export const restoreProgram: Program = program(
  "pulumi-rke-restore",
  ({ labels, argv }: Invocation) => labels["pulumi-rke.helper"] === "pulumi-rke-restore" && argv[0] === "sh",
  (process) => {
    const deed = deeds[process.argv.at(-1) ?? ""];
    if (deed === undefined) return 127;
    try {
      deed(new Folders(process.files), process);
      return 0;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      process.log(error.message, "stderr");
      return 1;
    }
  },
);

const data = "/var/lib/rancher/etcd";
const all = `${data}/.pulumi-rke-restore`;

type Deed = (folders: Folders, process: Process) => void;

const deeds: Readonly<Record<string, Deed>> = {
  prepare(folders, process) {
    const { env, files, machine } = process;
    const own = ownFolder(process);
    alone(folders, own);
    const isOther = folders.text(`${own}/sha256`) !== env.SHA256;
    if (folders.has(`${own}/new`) && !begun(folders, own) && isOther) folders.remove(`${own}/new`);
    folders.remove(`${own}/new.part`);
    files.remove(`${own}/snapshot.part`);
    files.remove(`${own}/snapshot.db`);
    const isStaged = folders.has(`${own}/new`);
    const isThere = isStaged || begun(folders, own);
    const stage = isStaged ? "staged" : "staging";
    if (!begun(folders, own) && stageOf(process) !== stage) note(stage, process);
    if (isThere) process.log(`staged ${folders.text(`${own}/sha256`)}`, "stdout");
    folders.make(own);
    process.log(`free ${Math.floor((machine.disk.sizeBytes - machine.disk.usedBytes) / 1024)}`, "stdout");
  },

  stage(folders, process) {
    const { env, files } = process;
    const own = ownFolder(process);
    const content = files.read(`${own}/snapshot.part`);
    if (content === undefined || sha256(content) !== env.SHA256) throw new Refusal("what arrived is not what was sent");
    files.rename(`${own}/snapshot.part`, `${own}/snapshot.db`);
    compare(content, process);
    try {
      restoreSnapshot(process, content, {
        name: env.MEMBER ?? "",
        dataDir: `${own}/new.part`,
        initialCluster: initialClusterOf(env.CLUSTER ?? ""),
        token: env.TOKEN ?? "",
      });
    } catch (error) {
      throw new Refusal(`Error: ${error instanceof Error ? error.message : error}`);
    }
    files.remove(`${own}/snapshot.db`);
    files.write(`${own}/sha256`, `${env.SHA256}\n`, 0o600);
    folders.rename(`${own}/new.part`, `${own}/new`);
    note("staged", process);
  },

  switch(folders, process) {
    const own = ownFolder(process);
    if (folders.has(`${own}/back`)) throw new Refusal("the old data are being put back");
    if (!folders.has(`${own}/old`)) {
      if (!folders.has(`${own}/new`)) throw new Refusal("there are no restored data on this machine");
      if (stageOf(process) !== "switching") note("switching", process);
      folders.make(`${own}/old.part`);
      moveData(folders, data, `${own}/old.part`);
      folders.rename(`${own}/old.part`, `${own}/old`);
    }
    if (folders.has(`${own}/new`)) {
      folders.rename(`${own}/new/member`, `${data}/member`);
      folders.remove(`${own}/new`);
    }
    if (!folders.has(`${data}/member`)) throw new Refusal("the restored data are gone");
    if (stageOf(process) !== "switched") note("switched", process);
  },

  return(folders, process) {
    const own = ownFolder(process);
    if (folders.has(`${own}/old.part`) || folders.has(`${own}/old`)) {
      if (stageOf(process) !== "returning") note("returning", process);
      if (folders.has(`${own}/old.part`)) moveData(folders, `${own}/old.part`, data);
      else folders.rename(`${own}/old`, `${own}/back`);
    }
    if (folders.has(`${own}/back`)) {
      if (!folders.has(`${own}/aside`)) {
        folders.make(`${own}/aside.part`);
        moveData(folders, data, `${own}/aside.part`);
        folders.rename(`${own}/aside.part`, `${own}/aside`);
      }
      moveData(folders, `${own}/back`, data);
    }
    alone(folders, own);
    removeAll(folders, process);
  },

  done(folders, process) {
    const own = ownFolder(process);
    if (folders.has(own)) process.files.write(`${own}/done`, "");
    if (!["done", "finished"].includes(stageOf(process) ?? "")) note("done", process);
  },

  finished(_, process) {
    if (stageOf(process) !== "finished") note("finished", process);
  },

  discard(folders, process) {
    const own = ownFolder(process);
    alone(folders, own);
    if (begun(folders, own) && process.files.read(`${own}/done`) === undefined) {
      throw new Refusal(`the restore is not done, and its old data are in ${own}`);
    }
    removeAll(folders, process);
  },
};

const ownFolder = ({ env }: Process): string => `${all}/${env.ID}`;

const begun = (folders: Folders, folder: string): boolean =>
  ["old.part", "old", "back"].some((name) => folders.has(`${folder}/${name}`));

function alone(folders: Folders, own: string): void {
  for (const other of folders.inside(all)) {
    if (`${all}/${other}` === own) continue;
    if (begun(folders, `${all}/${other}`) && !folders.has(`${all}/${other}/done`)) {
      throw new Refusal(`the data from before another restore are in ${all}/${other}`);
    }
    folders.remove(`${all}/${other}`);
  }
}

/** What the manifest says of the database, as etcdctl counts it. */
function compare(content: Buffer, { env }: Process): void {
  const { revision, store } = readSnapshot(content);
  const found = { REVISION: revision, KEYS: store.length };
  for (const [name, value] of Object.entries(found)) {
    const wanted = env[name] ?? "";
    if (wanted !== "" && wanted !== String(value)) {
      throw new Refusal(`the manifest says ${name} ${wanted}, and etcdctl says ${value}`);
    }
  }
}

function moveData(folders: Folders, from: string, to: string): void {
  for (const name of folders.inside(from)) {
    if (name === ".pulumi-rke-restore" || name === "lost+found" || name === EMPTY) continue;
    folders.rename(`${from}/${name}`, `${to}/${name}`);
  }
  if (from !== data) folders.remove(from);
}

function removeAll(folders: Folders, process: Process): void {
  const isThere = folders.has(all) || process.files.read(restoreMarkerPath) !== undefined;
  folders.remove(all);
  process.files.remove(restoreMarkerPath);
  if (isThere) process.log("changed", "stdout");
}

function note(stage: string, { env, files, log }: Process): void {
  const digest = env.SHA256 ?? files.read(`${all}/${env.ID}/sha256`)?.toString("utf8").trim() ?? "";
  const marker = { stage, id: env.ID, name: env.NAME, sha256: digest, at: env.AT };
  files.write(restoreMarkerPath, `${JSON.stringify(marker)}\n`, 0o644);
  log("changed", "stdout");
}

function stageOf({ env, files }: Process): string | undefined {
  const marker = JSON.parse(files.read(restoreMarkerPath)?.toString("utf8") ?? "{}") as { stage?: string; id?: string };
  return marker.id === env.ID ? marker.stage : undefined;
}

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

const EMPTY = ".empty";

/** Folders over files. */
class Folders {
  readonly #files: FileView;

  constructor(files: FileView) {
    this.#files = files;
  }

  has(folder: string): boolean {
    return this.#files.list(folder).length > 0 || this.#files.read(folder) !== undefined;
  }

  make(folder: string): void {
    this.#files.write(`${folder}/${EMPTY}`, "");
  }

  text(path: string): string {
    return this.#files.read(path)?.toString("utf8").trim() ?? "";
  }

  /** Names of what lies directly in a folder. */
  inside(folder: string): readonly string[] {
    return [...new Set(this.#files.list(folder).map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))];
  }

  remove(folder: string): void {
    for (const path of this.#files.list(folder)) this.#files.remove(path);
    this.#files.remove(folder);
  }

  rename(from: string, to: string): void {
    for (const path of this.#files.list(from)) this.#files.rename(path, `${to}${path.slice(from.length)}`);
    if (this.#files.read(from) !== undefined) this.#files.rename(from, to);
  }
}
