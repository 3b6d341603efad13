import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { restoreMarkerPath } from "../../../provider/steps/restore-marker.ts";
import { etcdInside, restoreScript } from "../../../provider/steps/restore-script.ts";

const SNAPSHOT = "the data of the snapshot";
const digest = createHash("sha256").update(SNAPSHOT).digest("hex");

/** Says what the real one would, and makes a directory of the file that it is given. */
const etcdctl = `#!/bin/sh
[ "$2" = status ] && { echo '{"hash":1,"revision":7,"totalKey":3,"totalSize":24}'; exit 0; }
for word in "$@"; do case $word in --data-dir=*) d=\${word#--data-dir=};; esac; done
mkdir -p "$d/member/snap" && cp "$3" "$d/member/snap/db"
`;

const pathOf = (command: string) => execFileSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" }).trim();

/** Counts what changes something, and ends the shell before the change that is asked for. */
const tick = (victim: string) =>
  `read n <"$COUNTER"; n=$((n + 1)); echo $n >"$COUNTER"; if [ "$n" = "$KILL_AT" ]; then kill -9 ${victim}; fi`;

const changing = ["chmod", "chown", "mkdir", "mv", "rm", "rmdir", "sync", "touch"].map((name) => {
  return { name, path: name === "sync" ? ":" : pathOf(name) };
});

/** In the place of the commands: to start a program for each would take minutes. */
const counted = changing.map(({ name, path }) => `${name}() { ${tick("$$")}; ${path} "$@"; }\n`).join("");

/** Those that `find` starts are programs all the same. */
const countedByFind = `#!/bin/sh\n${tick("$PPID")}\nexec ${pathOf("mv")} "$@"\n`;

/** A machine whose etcd has data, unless it is told otherwise, and the script on it. */
class ScriptMachine {
  readonly root = mkdtempSync(join(tmpdir(), "restore-script-"));
  readonly data = join(this.root, "etcd");
  readonly marker = join(this.root, "marker.json");

  constructor({ isEmpty = false, like }: { isEmpty?: boolean; like?: ScriptMachine } = {}) {
    onTestFinished(() => rmSync(this.root, { recursive: true }));
    if (like !== undefined) {
      cpSync(like.root, this.root, { recursive: true });
      return;
    }
    mkdirSync(join(this.root, "bin"));
    this.#program("mv", countedByFind);
    this.#program("etcdctl", etcdctl);
    mkdirSync(this.data);
    mkdirSync(join(this.data, "lost+found"));
    if (isEmpty) return;
    mkdirSync(join(this.data, "member"));
    writeFileSync(join(this.data, "member/db"), "the old data");
    writeFileSync(join(this.data, ".hidden"), "something of somebody's");
  }

  #program(name: string, text: string): void {
    writeFileSync(join(this.root, "bin", name), text, { mode: 0o755 });
  }

  /** Runs one verb; `killAt` ends it before so many changes have been made. */
  run(verb: string, { id = "one", killAt = 0, env = {} }: Words = {}): Said {
    const counter = join(this.root, "counter");
    writeFileSync(counter, "0\n");
    const script = `${counted}${restoreScript}`
      .replaceAll(etcdInside, this.data)
      .replaceAll(restoreMarkerPath, this.marker)
      .replaceAll("/usr/local/bin/etcdctl", "etcdctl");
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "restore", verb], {
      encoding: "utf8",
      env: {
        PATH: `${join(this.root, "bin")}:${process.env.PATH}`,
        COUNTER: counter,
        KILL_AT: String(killAt),
        ...{ ID: id, NAME: "before", AT: "2026-03-01T12:00:00.000Z", SHA256: digest },
        ...{ MEMBER: "etcd-a", PEER: "https://a:2380", CLUSTER: "etcd-a=https://a:2380", TOKEN: "t" },
        ...{ OWNER: `${process.getuid?.()}:${process.getgid?.()}`, REVISION: "7", KEYS: "3", ...env },
      },
    });
    return { status, stdout, stderr, changes: Number(readFileSync(counter, "utf8")) };
  }

  /** Prepares, uploads where it has to, and stages. */
  stage(words: Words = {}): Said {
    const { killAt = 0 } = words;
    const prepared = this.run("prepare", words);
    if (prepared.status !== 0 || prepared.stdout.includes("staged")) return prepared;
    writeFileSync(join(this.data, ".pulumi-rke-restore", words.id ?? "one", "snapshot.part"), SNAPSHOT);
    const staged = this.run("stage", { ...words, killAt: Math.max(0, killAt - prepared.changes) });
    return { ...staged, changes: prepared.changes + staged.changes };
  }

  /** What etcd would find. */
  get database(): string | undefined {
    const [old, restored] = ["member/db", "member/snap/db"].map((path) => join(this.data, path));
    const found = [old, restored].find((path) => path !== undefined && existsSync(path));
    return found === undefined ? undefined : readFileSync(found, "utf8");
  }

  get stageNoted(): string | undefined {
    return existsSync(this.marker) ? JSON.parse(readFileSync(this.marker, "utf8")).stage : undefined;
  }

  /** All files with what is in them. */
  get files(): readonly string[] {
    const below = (folder: string): readonly string[] =>
      readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? [`${path}/`, ...below(path)] : [`${path}: ${readFileSync(path, "utf8")}`];
      });
    const marker = existsSync(this.marker) ? [readFileSync(this.marker, "utf8")] : [];
    return [
      ...below(this.data)
        .map((line) => line.slice(this.data.length))
        .toSorted(),
      ...marker,
    ];
  }
}

interface Words {
  readonly id?: string;
  readonly killAt?: number;
  readonly env?: Readonly<Record<string, string>>;
}

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly changes: number;
}

describe("the script of a restore", () => {
  it("puts the restored data beside etcd's, which stay", () => {
    const machine = new ScriptMachine();

    const { status, stdout } = machine.stage();

    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining("changed") });
    expect(machine.database).toBe("the old data");
    expect(machine.stageNoted).toBe("staged");
    expect(statSync(machine.marker).mode & 0o777).toBe(0o644);
    expect(statSync(join(machine.data, ".pulumi-rke-restore")).mode & 0o777).toBe(0o700);
  });

  it("keeps neither the snapshot nor what was said of it", () => {
    const machine = new ScriptMachine();

    machine.stage();

    expect(readdirSync(join(machine.data, ".pulumi-rke-restore/one")).toSorted()).toEqual(["new", "sha256"]);
  });

  it("finds out that what has arrived is not what was sent", () => {
    const machine = new ScriptMachine();

    const { status, stderr } = machine.stage({ env: { SHA256: "0".repeat(64) } });

    expect({ status, stderr }).toEqual({ status: 1, stderr: "what arrived is not what was sent\n" });
    expect(machine.stageNoted).toBe("staging");
  });

  it.each([{ REVISION: "8" }, { KEYS: "33" }])("finds out that the manifest is of other data: %o", (env) => {
    const { status, stderr } = new ScriptMachine().stage({ env });

    expect(status).toBe(1);
    expect(stderr).toContain("the manifest says");
  });

  it("takes a manifest that says nothing of what is in it", () => {
    expect(new ScriptMachine().stage({ env: { REVISION: "", KEYS: "" } }).status).toBe(0);
  });

  it("exchanges the data and keeps the old ones, all of them", () => {
    const machine = new ScriptMachine();
    machine.stage();

    machine.run("switch");

    expect(machine.database).toBe(SNAPSHOT);
    expect(machine.stageNoted).toBe("switched");
    const old = join(machine.data, ".pulumi-rke-restore/one/old");
    expect(readFileSync(join(old, "member/db"), "utf8")).toBe("the old data");
    expect(readFileSync(join(old, ".hidden"), "utf8")).toBe("something of somebody's");
    expect(existsSync(join(machine.data, "lost+found"))).toBe(true);
  });

  it("puts the old data back, and leaves nothing of the restore", () => {
    const machine = new ScriptMachine();
    const before = machine.files;
    machine.stage();
    machine.run("switch");

    const { stdout } = machine.run("return");

    expect(stdout).toContain("changed");
    expect(machine.files).toEqual(before);
    expect(machine.run("return").stdout).toBe("");
  });

  it("forgets data that have not arrived", () => {
    const machine = new ScriptMachine();
    const before = machine.files;
    machine.run("prepare");
    writeFileSync(join(machine.data, ".pulumi-rke-restore/one/snapshot.part"), "a part");

    machine.run("return");

    expect(machine.files).toEqual(before);
  });

  it("forgets data that never took their place", () => {
    const machine = new ScriptMachine();
    const before = machine.files;
    machine.stage();

    machine.run("return");

    expect(machine.files).toEqual(before);
  });

  it("works on a machine that had no data", () => {
    const machine = new ScriptMachine({ isEmpty: true });
    const before = machine.files;

    machine.stage();
    machine.run("switch");
    expect(machine.database).toBe(SNAPSHOT);
    machine.run("return");

    expect(machine.files).toEqual(before);
  });

  it("exchanges nothing where nothing was staged, and nothing while old data are put back", () => {
    const machine = new ScriptMachine();
    mkdirSync(join(machine.data, ".pulumi-rke-restore/two/back"), { recursive: true });

    expect(machine.run("switch").stderr).toBe("there are no restored data on this machine\n");
    expect(machine.run("switch", { id: "two" }).stderr).toBe("the old data are being put back\n");
    expect(machine.database).toBe("the old data");
  });

  it.each(["prepare", "return", "discard"])("never removes the old data of another restore: %s", (verb) => {
    const machine = new ScriptMachine();
    machine.stage();
    machine.run("switch");
    const before = machine.files;

    const { status, stderr } = machine.run(verb, { id: "two" });

    expect(status).toBe(1);
    expect(stderr).toContain("the data from before another restore are in");
    expect(machine.files).toEqual(before);
  });

  it("removes the old data when the restore is done, and not before", () => {
    const machine = new ScriptMachine();
    machine.stage();
    machine.run("switch");

    expect(machine.run("discard").stderr).toContain("the restore is not done");
    machine.run("done");
    expect(machine.stageNoted).toBe("done");
    expect(machine.run("discard").status).toBe(0);

    expect(machine.database).toBe(SNAPSHOT);
    expect(machine.files.join()).not.toContain("restore");
  });

  it("makes room for another restore when one is done", () => {
    const machine = new ScriptMachine();
    machine.stage();
    machine.run("switch");
    machine.run("done");

    machine.stage({ id: "two" });

    expect(readdirSync(join(machine.data, ".pulumi-rke-restore"))).toEqual(["two"]);
    expect(machine.stageNoted).toBe("staged");
  });

  it("stages anew what was staged of another snapshot with this name", () => {
    const machine = new ScriptMachine();
    machine.stage();

    const { stdout } = machine.run("prepare", { env: { SHA256: "1".repeat(64) } });

    expect(stdout).not.toContain("staged");
    expect(existsSync(join(machine.data, ".pulumi-rke-restore/one/new"))).toBe(false);
  });

  it("does nothing again that was done", () => {
    const machine = new ScriptMachine();
    machine.stage();
    machine.run("switch");
    machine.run("done");
    const before = machine.files;

    for (const verb of ["switch", "done"]) machine.run(verb);

    // An exchange that is noted as done is not noted as anything less.
    expect(machine.files).toEqual(before);
  });
});

describe("the script of a restore, killed before any change and run again", () => {
  const before: Readonly<Record<string, (machine: ScriptMachine) => void>> = {
    stage: () => undefined,
    switch: (machine) => machine.stage(),
    done: (machine) => [machine.stage(), machine.run("switch")],
    finished: (machine) => [machine.stage(), machine.run("switch"), machine.run("done")],
    return: (machine) => [machine.stage(), machine.run("switch")],
    discard: (machine) => [machine.stage(), machine.run("switch"), machine.run("done")],
  };
  const play = (machine: ScriptMachine, verb: string, killAt = 0): Said =>
    verb === "stage" ? machine.stage({ killAt }) : machine.run(verb, { killAt });

  it.each(Object.keys(before))("comes to the same end: %s", { timeout: 120_000 }, (verb) => {
    const first = new ScriptMachine();
    before[verb]?.(first);
    const straight = new ScriptMachine({ like: first });
    const { changes } = play(straight, verb);

    expect(changes).toBeGreaterThan(1);
    for (let killAt = 1; killAt <= changes; killAt++) {
      const machine = new ScriptMachine({ like: first });
      expect(play(machine, verb, killAt).status, `killed at ${killAt}`).not.toBe(0);
      expect(play(machine, verb).status, `after it was killed at ${killAt}`).toBe(0);
      expect(machine.files, `after it was killed at ${killAt}`).toEqual(straight.files);
    }
  });

  it("puts the old data back from wherever an exchange was killed", { timeout: 120_000 }, () => {
    const first = new ScriptMachine();
    const { files } = first;
    first.stage();
    const { changes } = new ScriptMachine({ like: first }).run("switch");

    for (let killAt = 1; killAt <= changes; killAt++) {
      const machine = new ScriptMachine({ like: first });
      machine.run("switch", { killAt });
      expect(machine.run("return").status, `killed at ${killAt}`).toBe(0);
      expect(machine.files, `killed at ${killAt}`).toEqual(files);
    }
  });
});
