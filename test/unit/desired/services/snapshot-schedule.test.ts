import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { isDue, readCron } from "../../../../provider/config/cron.ts";
import type { ContainerSpec } from "../../../../provider/desired/container-spec.ts";
import { etcdRollingSnapshots } from "../../../../provider/desired/services/etcd-rolling-snapshots.ts";
import { aNodeContext } from "../world.ts";

/** The shells of this machine that the tools image might have. A busybox that puts its own programs first cannot be led. */
const shells = [
  "sh",
  ...(spawnSync("busybox", ["sh", "-c", "command -v date"]).stdout?.toString().startsWith("/") ? ["busybox sh"] : []),
];

interface Course {
  readonly from: string;
  readonly to: string;
  readonly backupConfig: object;
  /** What lies in the folder of snapshots before. */
  readonly files?: readonly string[];
  /** A deed of the stand-in for RKE's tool, in place of storing an archive: sh, with the name in $name. */
  readonly save?: string;
  readonly shell?: string;
  /** How long a tool that hangs is waited for here, in real seconds. */
  readonly patience?: number;
}

interface Ended {
  /** The tool's own words, a call a line. */
  readonly calls: readonly string[];
  readonly files: readonly string[];
  readonly log: string;
}

/** Runs the script of the container from one time to another, by a clock that goes on when somebody sleeps. */
async function between(course: Course): Promise<Ended> {
  const running = start(course);
  await running.end;
  await running.stop();
  return running.seen();
}

function start({
  from,
  to,
  backupConfig,
  files = [],
  save = ": > $FOLDER/$name.zip",
  shell = "sh",
  patience = 60,
}: Course) {
  const root = mkdtempSync(join(tmpdir(), "schedule-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const path = (name: string) => join(root, name);
  for (const folder of ["bin", "backup"]) mkdirSync(path(folder));
  for (const name of files) writeFileSync(path(`backup/${name}`), "");
  writeFileSync(path("clock"), String(Date.parse(from) / 1000));
  writeFileSync(path("calls"), "");
  const program = (name: string, lines: readonly string[]) => {
    writeFileSync(path(`bin/${name}`), ["#!/bin/sh", ...lines, ""].join("\n"));
    chmodSync(path(`bin/${name}`), 0o755);
  };
  program("date", [
    `case "$*" in *" -d "*) exec ${realOf("date")} "$@" ;; esac`,
    `exec ${realOf("date")} -u -d "@$(cat ${path("clock")})" "$2"`,
  ]);
  program("sleep", [
    `if [ "$1" = "$LIMIT" ]; then exec ${realOf("sleep")} $REAL_LIMIT; fi`,
    `at=$(($(cat ${path("clock")}) + $1))`,
    `if [ $at -ge ${Date.parse(to) / 1000} ]; then echo over; exec ${realOf("sleep")} 60; fi`,
    `echo $at > ${path("clock")}`,
  ]);
  program("tool", [
    `echo "$@" >> ${path("calls")}`,
    "for name; do :; done",
    `FOLDER=${path("backup")} CLOCK=${path("clock")}`,
    `case "$2" in save) ${save} ;; delete) rm -f "$FOLDER/$name.zip" "$FOLDER/$name" ;; esac`,
  ]);

  const { spec } = etcdRollingSnapshots(
    aNodeContext({ services: { etcd: { backupConfig: { timeout: 777, ...backupConfig } } } }),
  );
  const { entrypoint = [], cmd = [] } = spec;
  const [, , script = "", name = ""] = entrypoint;
  const words = ["-c", script.replaceAll("/backup", path("backup")), name, path("bin/tool"), ...cmd.slice(1)];
  const [first = "sh", ...rest] = shell.split(" ");
  const child = spawn(first, [...rest, ...words], {
    env: { ...variablesOf(spec), PATH: `${path("bin")}:${process.env.PATH}`, REAL_LIMIT: String(patience) },
    detached: true,
  });
  onTestFinished(() => kill(child));
  let log = "";
  child.stderr.on("data", (data) => {
    log += data;
  });
  const end = new Promise<void>((resolve) =>
    child.stdout.on("data", (data) => String(data).includes("over") && resolve()),
  );
  return {
    end,
    called: (text: string) =>
      new Promise<void>((resolve) => {
        child.stdout.on("data", (data) => String(data).includes(text) && resolve());
      }),
    /** Ends it as Docker does, and says with which code. */
    stop: () =>
      new Promise<number | null>((resolve) => {
        child.on("exit", (code) => resolve(code));
        child.kill("SIGTERM");
      }),
    seen: (): Ended => ({
      calls: readFileSync(path("calls"), "utf8").split("\n").slice(0, -1),
      files: readdirSync(path("backup")).toSorted(),
      log,
    }),
  };
}

const variablesOf = ({ env = [] }: ContainerSpec): Record<string, string> =>
  Object.fromEntries(env.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]));

const realOf = (program: string): string => (existsSync(`/bin/${program}`) ? `/bin/${program}` : `/usr/bin/${program}`);

/** With what it has started itself. */
function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

const namesOf = ({ calls }: Ended): readonly string[] => calls.map((call) => call.split(" ").at(-1) ?? "");

const morning = { from: "2026-11-21T02:58:30Z", to: "2026-11-21T03:11:00Z" };

describe.each(shells)("the script of a schedule, in %s", (shell) => {
  it("takes a snapshot at each time of the schedule, with RKE's tool and by RKE's names", async () => {
    const ended = await between({ ...morning, shell, backupConfig: { schedule: "1-9/4 3 * * *", retention: 10 } });

    expect(ended.calls).toEqual(
      ["01", "05", "09"].map(
        (minute) =>
          "etcd-backup save --cacert /etc/kubernetes/ssl/kube-ca.pem --cert /etc/kubernetes/ssl/kube-node.pem " +
          "--key /etc/kubernetes/ssl/kube-node-key.pem --endpoints=10.0.0.1:2379 " +
          `--once --name 2026-11-21T03:${minute}:00Z_etcd`,
      ),
    );
    expect(ended.log).toContain('level=info msg="2026-11-21T03:05:00Z_etcd is stored"');
  });

  it("calls them without colons where that is wanted", async () => {
    const backupConfig = { schedule: "0 3 * * *", safeTimestamp: true };

    expect(namesOf(await between({ ...morning, shell, backupConfig }))).toEqual(["2026-11-21T03-00-00Z_etcd"]);
  });

  it("keeps as many archives as are wanted, of all that are called by their time, and nothing else goes", async () => {
    const others = [
      "before-upgrade.zip",
      "2026-11-01T00:00:00Z_etcd",
      "2026-11-01T00:00:00Z_etcd.zip.mine",
      "my-2026-11-01T00:00:00Z_etcd.zip",
      "2026-11-01T00:00-00Z_etcd.zip",
      "2026-11-01T00:00:00Z_other.zip",
      "pulumi-rke-before-change-2026-11-01T00-00-00Z",
    ];
    const own = ["2026-11-20T12-00-00Z_etcd.zip", "2026-11-20T18:00:00Z_etcd.zip", "2026-11-20T06:00:00Z_etcd.zip"];

    const ended = await between({
      ...morning,
      shell,
      files: [...others, ...own],
      backupConfig: { schedule: "0 3 * * *", retention: 3 },
    });

    expect(ended.files).toEqual(
      [
        ...others,
        "2026-11-20T12-00-00Z_etcd.zip",
        "2026-11-20T18:00:00Z_etcd.zip",
        "2026-11-21T03:00:00Z_etcd.zip",
      ].toSorted(),
    );
    expect(ended.calls).toHaveLength(1);
  });

  it("deletes in S3 what it deletes on the machine, by its whole name", async () => {
    const s3BackupConfig = { endpoint: "s3.example.com", bucketName: "b", region: "eu", folder: "prod" };
    const ended = await between({
      ...morning,
      shell,
      files: ["2026-11-20T12:00:00Z_etcd.zip", "2026-11-20T18:00:00Z_etcd.zip"],
      backupConfig: { schedule: "0 3 * * *", retention: 2, s3BackupConfig },
    });

    expect(ended.calls.slice(1)).toEqual([
      expect.stringMatching(
        /^etcd-backup delete .*--s3-backup=true --s3-endpoint=s3.example.com --s3-bucketName=b --s3-region=eu --s3-folder=prod --name 2026-11-20T12:00:00Z_etcd$/,
      ),
    ]);
    expect(ended.files).toEqual(["2026-11-20T18:00:00Z_etcd.zip", "2026-11-21T03:00:00Z_etcd.zip"]);
  });

  it("says that an attempt has failed, goes on, and deletes nothing for it", async () => {
    const save =
      'if [ -e $FOLDER/failed ]; then : > "$FOLDER/$name.zip"; else : > $FOLDER/failed; echo "no leader" >&2; exit 1; fi';
    const ended = await between({
      ...morning,
      shell,
      save,
      files: ["2026-11-20T18:00:00Z_etcd.zip"],
      backupConfig: { schedule: "0,5 3 * * *", retention: 1 },
    });

    expect(ended.log).toMatch(
      /no leader\n.*level=error msg="Cannot take a snapshot: see above. The next one follows by the schedule 0,5 3 \* \* \* \(UTC\)"/,
    );
    expect(namesOf(ended)).toEqual(["2026-11-21T03:00:00Z_etcd", "2026-11-21T03:05:00Z_etcd"]);
    expect(ended.files).toEqual(["2026-11-21T03:05:00Z_etcd.zip", "failed"]);
  });

  it("leaves no archive that is not whole: while there is the database, the tool has not finished it", async () => {
    const save = "echo db > $FOLDER/$name; echo half > $FOLDER/$name.zip; exit 1";
    const ended = await between({ ...morning, shell, save, backupConfig: { schedule: "0 3 * * *" } });

    expect(ended.files).toEqual([]);
  });

  it("keeps an archive that could only not be sent to S3", async () => {
    const save = ": > $FOLDER/$name.zip; exit 1";
    const ended = await between({ ...morning, shell, save, backupConfig: { schedule: "0 3 * * *" } });

    expect(ended.files).toEqual(["2026-11-21T03:00:00Z_etcd.zip"]);
  });

  it("ends a tool that hangs, and goes on", async () => {
    const save = `if [ -e $FOLDER/hung ]; then : > "$FOLDER/$name.zip"; else : > $FOLDER/hung; exec ${realOf("sleep")} 60; fi`;
    const ended = await between({ ...morning, shell, save, patience: 2, backupConfig: { schedule: "0,5 3 * * *" } });

    expect(ended.log).toContain("Cannot take a snapshot: it was not done after 777 s.");
    expect(namesOf(ended)).toHaveLength(2);
    expect(ended.files).toContain("2026-11-21T03:05:00Z_etcd.zip");
  });

  it("makes up once for times that passed while a snapshot was taken", async () => {
    const later = "echo $(($(cat $CLOCK) + 200)) > $CLOCK";
    const save = `: > "$FOLDER/$name.zip"; [ -e $FOLDER/slow ] || { : > $FOLDER/slow; ${later}; }`;
    const ended = await between({
      ...morning,
      shell,
      save,
      backupConfig: { schedule: "0,1,2,9 3 * * *" },
    });

    expect(namesOf(ended)).toEqual([
      "2026-11-21T03:00:00Z_etcd",
      "2026-11-21T03:04:00Z_etcd",
      "2026-11-21T03:09:00Z_etcd",
    ]);
  });

  it("ends at once when it is told to, while it waits", async () => {
    const running = start({ ...morning, shell, to: morning.from, backupConfig: { schedule: "0 3 * * *" } });
    await running.end;

    expect(await running.stop()).toBe(0);
  });

  it("ends at once when it is told to, while a snapshot is taken, and leaves no part of one", async () => {
    const save = `echo db > $FOLDER/$name; echo half > $FOLDER/$name.zip; echo begun; exec ${realOf("sleep")} 60`;
    const running = start({ ...morning, shell, save, backupConfig: { schedule: "0 3 * * *" } });
    await running.called("begun");

    const code = await running.stop();

    expect(code).toBe(0);
    expect(running.seen().files).toEqual([]);
  });
});

describe("is_due of the script", () => {
  const someOf = (from: number, to: number) =>
    fc
      .uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: 20 })
      .map((numbers) => numbers.join());
  const field = (from: number, to: number) => fc.oneof(fc.constant("*"), fc.constant("*/2"), someOf(from, to));
  const expression = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6));
  const moment = fc.integer({ min: Date.UTC(2026, 0, 1) / 60_000, max: Date.UTC(2034, 0, 1) / 60_000 });

  it("is true exactly when the expression is due", async () => {
    await fc.assert(
      fc.asyncProperty(expression, fc.array(moment, { minLength: 20, maxLength: 40 }), async (fields, minutes) => {
        const reading = readCron(fields.join(" "));
        fc.pre(reading.ok);

        const due = await dueIn(fields.join(" "), minutes);

        expect(due).toEqual(minutes.filter((minute) => isDue(reading.times, new Date(minute * 60_000))));
      }),
      { numRuns: 25 },
    );
  });
});

/** Asks the function of the script for each of some minutes since 1970, with the real date. */
async function dueIn(schedule: string, minutes: readonly number[]): Promise<readonly number[]> {
  const spec = etcdRollingSnapshots(aNodeContext({ services: { etcd: { backupConfig: { schedule } } } })).spec;
  const functions = spec.entrypoint?.[2]?.split("\nlog info")[0] ?? "";
  const asking = `${functions}\nfor m in ${minutes.join(" ")}; do if is_due $m; then echo $m; fi; done`;
  const { stdout } = await promisify(execFile)("sh", ["-c", asking], {
    env: { PATH: process.env.PATH, ...variablesOf(spec) },
  });
  return stdout.split("\n").slice(0, -1).map(Number);
}
