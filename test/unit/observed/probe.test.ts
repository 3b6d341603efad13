import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";

import { type Probe, readProbe } from "../../../provider/observed/probe.ts";
import { probeCommand } from "../../../provider/observed/probe-script.ts";

const run = promisify(execFile);

/** Runs the script on the machine of the test, as a login shell does. */
async function probeHere(prefixes: readonly string[], { shell = "sh" } = {}): Promise<Probe> {
  const { stdout } = await run(shell, ["-c", probeCommand(prefixes)]);
  return readProbe(stdout, { ourTimeMs: Date.now() });
}

/** A directory to look through in the place of a root. */
function aPrefix(files: Readonly<Record<string, string>> = {}): string {
  const prefix = mkdtempSync(join(tmpdir(), "it's a prefix-"));
  onTestFinished(() => rmSync(prefix, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(prefix, path)), { recursive: true });
    writeFileSync(join(prefix, path), content);
  }
  return prefix;
}

describe("probeCommand()", () => {
  it.each(["sh", "bash"])("is understood by %s, and tells who the machine is", async (shell) => {
    const probe = await probeHere([""], { shell });

    expect(probe).toMatchObject({ hostname: hostname(), disks: { "/": { totalBytes: expect.any(Number) } } });
    expect(Math.abs(probe.clockOffsetMs ?? Number.NaN)).toBeLessThan(5000);
    expect(probe.unknown).not.toContain("swap");
  });

  it("finds directories that hold files, and not those that hold directories only", async () => {
    const prefix = aPrefix({ "etc/kubernetes/ssl/kube-ca.pem": "CA" });
    mkdirSync(join(prefix, "var/lib/kubelet/pods"), { recursive: true });

    const { leftovers } = await probeHere([prefix]);

    expect(leftovers.filter((path) => path.startsWith(prefix))).toEqual([`${prefix}/etc/kubernetes`]);
  });

  it("shows the CA and our notes, and no key", async () => {
    const prefix = aPrefix({
      "etc/kubernetes/ssl/kube-ca.pem": "BEGIN\nEND",
      "etc/kubernetes/ssl/kube-ca-key.pem": "VERY SECRET",
      "etc/kubernetes/ssl/.pulumi-rke.json": '{\n "a": 1\n}\n',
      "etc/kubernetes/.pulumi-rke-restore.json": '{"stage":"staged"}\n',
    });
    chmodSync(join(prefix, "etc/kubernetes/ssl/kube-ca.pem"), 0o640);

    const probe = await probeHere(["/nowhere", prefix]);

    expect(probe).toMatchObject({ ca: "BEGIN\nEND\n", caMode: 0o640 });
    expect(JSON.parse(probe.marker ?? "")).toEqual({ a: 1 });
    expect(JSON.parse(probe.restoreMarker ?? "")).toEqual({ stage: "staged" });
    expect(JSON.stringify(probe)).not.toContain("SECRET");
  });

  it("looks at the space that a directory will have before it is there", async () => {
    const prefix = aPrefix();

    const { disks } = await probeHere([prefix]);

    expect(disks[`${prefix}/var/lib/etcd`]?.totalBytes).toBeGreaterThan(0);
  });
});

describe("probeCommand() and snapshots", () => {
  /** The answer for a folder of the test's own, with the script of the real one. */
  async function snapshotsIn(folder: string): Promise<Probe["snapshots"]> {
    const { stdout } = await run("sh", ["-c", probeCommand([]).replaceAll("/opt/rke/etcd-snapshots", folder)]);
    return readProbe(stdout, { ourTimeMs: Date.now() }).snapshots;
  }

  it("lists them with size and time, newest first, and nothing that is still being written", async () => {
    const folder = mkdtempSync(join(tmpdir(), "snapshots-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const files = { "2026-11-20T03:00:00Z_etcd.zip": 100, "before upgrade.zip": 300, oldest: 50, "next.part": 400 };
    for (const [name, seconds] of Object.entries(files)) {
      writeFileSync(join(folder, name), name);
      utimesSync(join(folder, name), seconds, seconds);
    }
    mkdirSync(join(folder, "a folder"));

    expect(await snapshotsIn(folder)).toEqual([
      { name: "before upgrade.zip", sizeBytes: 18, writtenAtMs: 300_000 },
      { name: "2026-11-20T03:00:00Z_etcd.zip", sizeBytes: 29, writtenAtMs: 100_000 },
      { name: "oldest", sizeBytes: 6, writtenAtMs: 50_000 },
    ]);
  });

  it("tells of a hundred, of a thousand that are there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "snapshots-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (let index = 0; index < 1000; index++) {
      const file = join(folder, `snapshot-${index}`);
      writeFileSync(file, "");
      utimesSync(file, index, index);
    }

    const names = (await snapshotsIn(folder))?.map(({ name }) => name);

    expect(names).toEqual(Array.from({ length: 100 }, (_, index) => `snapshot-${999 - index}`));
  });

  it("is sure that there are none where the folder is not there", async () => {
    expect(await snapshotsIn("/nowhere/at/all")).toEqual([]);
  });

  it("does not know where it may not look", () => {
    expect(readProbe("clock-end 1700000000", { ourTimeMs: 0 })).not.toHaveProperty("snapshots");
  });
});

describe("readProbe()", () => {
  const read = (...lines: readonly string[]): Probe => readProbe(lines.join("\n"), { ourTimeMs: 1_700_000_000_000 });

  it("calls everything unknown when nothing was said", () => {
    expect(read().unknown).toEqual(["machine id", "swap", "disks", "kernel", "addresses", "ports", "leftovers"]);
  });

  it.each([
    ["nanoseconds", "1700000004000000000", "1700000006000000000", 5000],
    ["seconds, whose middle is half a second later", "1700000004", "1700000004", 4500],
    ["seconds and a letter, as BusyBox writes", "1700000004N", "1700000004N", 4500],
  ])("takes the middle of two readings of the clock in %s", (_form, begin, end, offset) => {
    expect(read(`clock ${begin}`, `clock-end ${end}`).clockOffsetMs).toBe(offset);
  });

  it("knows no clock when the machine has no date", () => {
    expect(read("clock ", "clock-end ").clockOffsetMs).toBeUndefined();
  });

  it.each([
    ['listen 0      4096     127.0.0.1:10248      0.0.0.0:*    users:(("kubelet",pid=1,fd=3))', 10248, "kubelet"],
    ["listen 0      4096             *:6443             *:*", 6443, ""],
    ["listen 0      4096          [::]:2379          [::]:*", 2379, ""],
    ["socket 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000", 8080, ""],
  ])("reads the listener in %s", (line, port, program) => {
    expect(read(line).listening).toEqual([{ port, program }]);
  });

  it("passes over sockets that are connected", () => {
    expect(read("socket 0100007F:1F90 0100007F:D431 01 00000000:00000000").listening).toEqual([]);
  });

  it("names a port once that is open for both families", () => {
    expect(read("listen 0 1 0.0.0.0:22 0.0.0.0:*", "listen 0 1 [::]:22 [::]:*").listening).toHaveLength(1);
  });

  it.each([
    ["address eth0 10.0.0.1/24", ["10.0.0.1/24"]],
    ["address docker0 172.17.0.1/16", ["172.17.0.1/16"]],
    ["address - 10.0.0.1", ["10.0.0.1"]],
    ["address eth0 fd00::2/64", ["fd00::2/64"]],
    ["address lo 127.0.0.1/8", []],
    ["address eth0 fe80::1/64", []],
    ["address cni0 10.42.0.1/24", []],
    ["address flannel.1 10.42.0.0/32", []],
    ["address kube-ipvs0 10.43.0.1/32", []],
  ])("takes %s for %j", (line, addresses) => {
    expect(read(line).addresses).toEqual(addresses);
  });

  it("reads the space of file systems, those that are full too", () => {
    expect(read("disk /|/dev/vda1 1000 1000 0 100% /", "mount /dev/sdb 400 100 300 25% /data").disks).toEqual({
      "/": { freeBytes: 0, totalBytes: 1_024_000 },
    });
  });

  it("keeps what the kernel says under its usual names", () => {
    expect(read("br_netfilter loaded", "sysctl net/ipv4/ip_forward 1").kernelFacts).toEqual({
      br_netfilter: "loaded",
      "net.ipv4.ip_forward": "1",
    });
  });
});
