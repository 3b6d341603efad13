import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { helperLabel } from "../../../provider/steps/our-containers.ts";
import { saveEtcd } from "../../../provider/steps/save-etcd.ts";
import { saveSnapshot } from "../../../provider/steps/save-snapshot.ts";
import { labelled, program } from "../../fleet/programs.ts";
import { contextOn, TOOLS } from "../execute/on-a-fleet.ts";
import { aCluster, type Members, NODE, standing } from "./on-machines.ts";

const FOLDER = "/opt/rke/etcd-snapshots";

const anEtcd = (): Promise<Members> => aCluster({ only: ["etcd"] });

const snapshot = { node: NODE, internalAddress: NODE, prefixPath: "/", image: TOOLS, file: "before" };

/** Leaves room for the container, and for nothing that it writes. */
function fillDisk(cluster: Members): void {
  cluster.fleet.journal.onEvent(({ kind, what }) => {
    if (kind === "container created" && what.startsWith("pulumi-rke-snapshot")) machineOf(cluster).disk.full = true;
  });
}

const machineOf = ({ fleet }: Members) => fleet.node("node-1").machine;

describe("saveSnapshot()", () => {
  it("leaves the database on the machine, for root only, and says what is in it", async () => {
    const cluster = await anEtcd();

    const said = await saveSnapshot(snapshot, cluster.context);

    const { disk } = machineOf(cluster);
    expect(said.sizeBytes).toBe(disk.read(`${FOLDER}/before`)?.length);
    expect(disk.mode(`${FOLDER}/before`)).toBe(0o600);
    expect(said).toEqual({
      ...said,
      revision: expect.any(Number),
      totalKeys: expect.any(Number),
      hash: expect.any(Number),
    });
  });

  it("leaves no container behind", async () => {
    const cluster = await anEtcd();

    await saveSnapshot(snapshot, cluster.context);

    expect(standing(machineOf(cluster)).filter((name) => name.startsWith("pulumi-rke"))).toEqual([]);
  });

  it("leaves no file behind when the disk is full, and says so", async () => {
    const cluster = await anEtcd();
    const { disk } = machineOf(cluster);
    fillDisk(cluster);

    const saving = saveSnapshot(snapshot, cluster.context);

    await expect(saving).rejects.toThrow(/Cannot take a snapshot of etcd on node-1.*no space left on device/s);
    expect(disk.read(`${FOLDER}/before`)).toBeUndefined();
  });

  it("fails when the member has no majority behind it", async () => {
    const cluster = await anEtcd();
    for (const name of ["node-2", "node-3"]) cluster.fleet.node(name).machine.find("etcd")?.stop();

    await expect(saveSnapshot(snapshot, cluster.context)).rejects.toThrow("Cannot take a snapshot of etcd on node-1");
  });

  it("says so when the image has another tool than expected", async () => {
    const strange = program("strange", labelled(helperLabel, "pulumi-rke-snapshot"), ({ log }) => {
      log("Usage: etcdctl COMMAND", "stdout");
      return 0;
    });
    const { context } = await aCluster({ only: ["etcd"], programs: [strange] });

    await expect(saveSnapshot(snapshot, context)).rejects.toThrow(
      "The image rancher/rke-tools:v0.1.114 should have etcdctl 3.x",
    );
  });
});

describe("saveEtcd()", () => {
  const step = saveEtcd({ node: NODE, internalAddress: NODE, prefixPath: "/", image: TOOLS });

  /** Runs the step at that minute. */
  const saveAt = async ({ fleet, context }: Members, minute: string, day = "21") => {
    const clock = () => new Date(`2026-11-${day}T08:${minute}:00.000Z`);
    const at = contextOn(fleet, { certificates: context.certificates, clock });
    await step.run(at);
    return at.events;
  };

  const names = (cluster: Members) =>
    machineOf(cluster)
      .disk.list(FOLDER)
      .map((path) => path.slice(FOLDER.length + 1))
      .toSorted();

  it("calls the file by the time, and tells how it is called", async () => {
    const cluster = await anEtcd();

    const events = await saveAt(cluster, "00");

    expect(names(cluster)).toEqual(["pulumi-rke-before-change-2026-11-21T08-00-00Z"]);
    expect(events).toContainEqual({
      kind: "notice",
      text: expect.stringMatching(
        /^node-1 \(10\.0\.0\.1\): etcd is saved as pulumi-rke-before-change-2026-11-21T08-00-00Z \(\d+ keys at revision \d+/,
      ),
    });
  });

  it("keeps the newest two, the first of a day, and everything that it has not made", async () => {
    const cluster = await anEtcd();
    const others = ["before", "pulumi-rke-before-change-mine", "2026-01-01T00:00:00Z_etcd.zip"];
    for (const name of others) machineOf(cluster).disk.write(`${FOLDER}/${name}`, "");

    await saveAt(cluster, "00", "19");
    for (const minute of ["00", "01", "02", "03"]) await saveAt(cluster, minute);

    expect(names(cluster)).toEqual(
      [
        ...others,
        "pulumi-rke-before-change-2026-11-21T08-00-00Z",
        "pulumi-rke-before-change-2026-11-21T08-02-00Z",
        "pulumi-rke-before-change-2026-11-21T08-03-00Z",
      ].toSorted(),
    );
  });

  it("says how to go on without, when it fails", async () => {
    const cluster = await anEtcd();
    fillDisk(cluster);

    await expect(saveAt(cluster, "00")).rejects.toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot save etcd before changing it on node-1 (10.0.0.1): it ended with code 1: "Error: write /opt/rke/etcd-snapshots/pulumi-rke-before-change-2026-11-21T08-00-00Z: no space left on device"
        Nothing of etcd was changed. Mend that and run it again; or go on without a snapshot: safetySnapshot: false on the RkeCluster]
    `);
  });
});

describe("the script of saveSnapshot()", () => {
  it("keeps a file that etcd's tool has checked, the newest of its family, and the first since a time", async () => {
    const { folder, run } = await aShell();
    const family = ["01", "02", "03", "04", "05"].map((day) => `safe-2026-01-${day}T00-00-00Z`);
    for (const name of [...family, "safe-2026-01-01T00-00-00Z.part", "safe-of-mine", "other"]) {
      writeFileSync(join(folder, name), "old");
    }

    const said = await run({
      file: "safe-2026-01-06T00-00-00Z",
      PREFIX: "safe-",
      NEWEST: "2",
      SINCE: "safe-2026-01-02T12-00-00Z",
    });

    expect(said).toEqual({ code: 0, stdout: '{"hash":1,"revision":2,"totalKey":3,"totalSize":4}\n' });
    expect(readdirSync(folder).toSorted()).toEqual([
      "other",
      "safe-2026-01-03T00-00-00Z",
      "safe-2026-01-05T00-00-00Z",
      "safe-2026-01-06T00-00-00Z",
      "safe-of-mine",
    ]);
    expect(readFileSync(join(folder, "safe-2026-01-06T00-00-00Z"), "utf8")).toBe("--endpoints=x snapshot save\n");
    expect(statSync(join(folder, "safe-2026-01-06T00-00-00Z")).mode & 0o777).toBe(0o600);
  });

  it.each([
    { since: "the very time of one", SINCE: "safe-2026-01-01T00-00-00Z", stay: ["01", "03"] },
    { since: "a time after all of them", SINCE: "safe-2026-02-01T00-00-00Z", stay: ["03"] },
  ])("keeps the first since $since", async ({ SINCE, stay }) => {
    const { folder, run } = await aShell();
    for (const day of ["01", "02"]) writeFileSync(join(folder, `safe-2026-01-${day}T00-00-00Z`), "old");

    await run({ file: "safe-2026-01-03T00-00-00Z", PREFIX: "safe-", NEWEST: "1", SINCE });

    expect(readdirSync(folder).toSorted()).toEqual(stay.map((day) => `safe-2026-01-${day}T00-00-00Z`));
  });

  it.each(["save", "status"])(
    "leaves nothing behind when snapshot %s fails, and deletes nothing for it",
    async (failing) => {
      const { folder, run } = await aShell();
      writeFileSync(join(folder, "safe-2026-01-01T00-00-00Z"), "old");

      const said = await run({
        file: "safe-2026-01-04T00-00-00Z",
        PREFIX: "safe-",
        NEWEST: "1",
        SINCE: "safe-2026",
        FAILING: failing,
      });

      expect(said.code).not.toBe(0);
      expect(readdirSync(folder)).toEqual(["safe-2026-01-01T00-00-00Z"]);
    },
  );

  it("deletes nothing where nobody has asked for it", async () => {
    const { folder, run } = await aShell();
    for (const day of ["01", "02", "03"]) writeFileSync(join(folder, `safe-2026-01-${day}T00-00-00Z`), "old");

    await run({ file: "safe-2026-01-04T00-00-00Z" });

    expect(readdirSync(folder)).toHaveLength(4);
  });
});

/** The script as a machine gets it, for the shell of this one, with a stand-in for etcd's tool. */
async function aShell() {
  const cluster = await anEtcd();
  let script = "";
  cluster.fleet.journal.onEvent(({ kind, what }) => {
    if (kind !== "container created" || !what.startsWith("pulumi-rke-snapshot")) return;
    script = machineOf(cluster).find("pulumi-rke-snapshot")?.spec.Entrypoint?.[2] ?? "";
  });
  await saveSnapshot(snapshot, cluster.context);

  const folder = mkdtempSync(join(tmpdir(), "snapshots-"));
  const tools = mkdtempSync(join(tmpdir(), "tools-"));
  onTestFinished(() => {
    for (const path of [folder, tools]) rmSync(path, { recursive: true });
  });
  const tool = join(tools, "etcdctl");
  writeFileSync(tool, etcdctl);
  chmodSync(tool, 0o755);
  expect(script).toContain("/usr/local/bin/etcdctl");
  const here = script.replaceAll("/usr/local/bin/etcdctl", tool);

  const run = ({ file, ...env }: { file: string } & Record<string, string>) =>
    new Promise<{ code: number; stdout: string }>((resolve) => {
      const words = ["-c", here, "save-snapshot", join(folder, file), "--endpoints=x"];
      execFile("sh", words, { env: { PATH: process.env.PATH, ...env } }, (error, stdout) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout });
      });
    });
  return { folder, run };
}

/** Writes what it was asked, beside the place first, as the real one does. */
const etcdctl = `#!/bin/sh
case "$*" in
  *"snapshot save "*)
    for file; do :; done
    echo "$1 snapshot save" > "$file.part"
    [ "$FAILING" = save ] && exit 1
    mv "$file.part" "$file" ;;
  *"snapshot status "*)
    [ "$FAILING" = status ] && exit 1
    echo '{"hash":1,"revision":2,"totalKey":3,"totalSize":4}' ;;
esac
`;
