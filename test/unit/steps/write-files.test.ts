import { describe, expect, it } from "vitest";

import { contentDigest } from "../../../provider/desired/content-digest.ts";
import { Secret } from "../../../provider/secrets.ts";
import { markerPath, parseMarker } from "../../../provider/steps/files-marker.ts";
import { type WriteFilesParams, type WrittenFile, writeFiles } from "../../../provider/steps/write-files.ts";
import type { Machine } from "../../fleet/machine.ts";
import { TOOLS } from "../execute/on-a-fleet.ts";
import { NODE, oneMachine, standing } from "./on-machines.ts";

const caPath = "/etc/kubernetes/ssl/kube-ca.pem";
const keyPath = "/etc/kubernetes/ssl/kube-node-key.pem";

const file = (path: string, text: string, changes: Partial<WrittenFile> = {}): WrittenFile => ({
  path,
  content: new Secret(text),
  ...changes,
});

const files = (...list: readonly WrittenFile[]): WriteFilesParams => ({
  node: NODE,
  what: "certificates",
  prefixPath: "/",
  image: TOOLS,
  files: list,
});

const markerOn = (machine: Machine) => parseMarker(machine.disk.read(markerPath)?.toString("utf8") ?? "");

describe("writeFiles()", () => {
  it("says what it writes", () => {
    expect(writeFiles(files()).title).toBe("write certificates");
  });

  it("shows no content in its parameters", () => {
    const step = writeFiles(files(file(caPath, "the secret")));

    expect(JSON.stringify(step.params)).not.toContain("the secret");
  });

  it("writes files that are missing, for root alone unless it is said otherwise", async () => {
    const { machine, context } = await oneMachine();

    const outcome = await writeFiles(files(file(caPath, "ca", { mode: 0o644 }), file(keyPath, "key"))).run(context);

    expect(outcome).toBe("changed");
    expect(machine.disk.stat(caPath)).toMatchObject({ content: Buffer.from("ca"), mode: 0o644, owner: undefined });
    expect(machine.disk.stat(keyPath)).toMatchObject({ content: Buffer.from("key"), mode: 0o600, owner: undefined });
  });

  it("writes below the prefix of a machine", async () => {
    const { machine, context } = await oneMachine();

    await writeFiles({ ...files(file(caPath, "ca")), prefixPath: "/opt/rke" }).run(context);

    expect(machine.disk.read("/opt/rke/etc/kubernetes/ssl/kube-ca.pem")?.toString()).toBe("ca");
  });

  it("changes nothing when all files are as they should be", async () => {
    const { fleet, context } = await oneMachine();
    await writeFiles(files(file(caPath, "ca"))).run(context);
    const written = fleet.journal.lines({ kind: "file written" }).length;

    const outcome = await writeFiles(files(file(caPath, "ca\n"))).run(context);

    expect(outcome).toBe("unchanged");
    expect(fleet.journal.lines({ kind: "file written" })).toHaveLength(written);
  });

  it("writes only files that differ", async () => {
    const { fleet, context } = await oneMachine();
    await writeFiles(files(file(caPath, "ca"), file(keyPath, "key"))).run(context);
    const written = fleet.journal.lines({ kind: "file written", node: "node-1" }).length;

    await writeFiles(files(file(caPath, "ca"), file(keyPath, "another key"))).run(context);

    expect(fleet.journal.lines({ kind: "file written", node: "node-1" }).slice(written)).toEqual([
      `file written ${markerPath}`,
      `file written ${keyPath}`,
    ]);
  });

  it("notes by the machine's clock when it wrote a file", async () => {
    const { machine, context } = await oneMachine({
      nodes: [{ name: "node-1", clockOffsetMs: -3_600_000 }],
    });
    const begunAtMs = machine.now();

    await writeFiles(files(file(caPath, "ca"))).run(context);

    const noted = markerOn(machine)[caPath];
    expect(noted?.sha256).toBe(contentDigest("ca"));
    expect(noted?.writtenAtMs).toBeGreaterThanOrEqual(begunAtMs);
    expect(noted?.writtenAtMs).toBeLessThanOrEqual(machine.now());
  });

  it("keeps what it noted about files that stay", async () => {
    const { machine, context } = await oneMachine();
    await writeFiles(files(file(caPath, "ca"))).run(context);
    const first = markerOn(machine)[caPath];

    await writeFiles(files(file(caPath, "ca"), file(keyPath, "key"))).run(context);

    expect(markerOn(machine)).toEqual({ [caPath]: first, [keyPath]: expect.anything() });
  });

  it("gives a file to somebody else without taking it for newer: what runs need not read it again", async () => {
    const { machine, context } = await oneMachine();
    await writeFiles(files(file(caPath, "ca"), file(keyPath, "key"))).run(context);
    const noted = markerOn(machine);

    const outcome = await writeFiles(files({ ...file(keyPath, "key"), uid: 1000, gid: 1000 })).run(context);

    expect(outcome).toBe("changed");
    expect(machine.disk.owner(keyPath)).toEqual({ uid: 1000, gid: 1000 });
    expect(markerOn(machine)).toEqual(noted);
  });

  it("removes the container through which it writes", async () => {
    const { machine, context } = await oneMachine();

    await writeFiles(files(file(caPath, "ca"))).run(context);

    expect(standing(machine)).toEqual([]);
  });

  it("removes the container also when the files cannot be written", async () => {
    const { fleet, machine, context } = await oneMachine();
    fleet.faults.refuse(500, "no space left on device", { what: /PUT .*archive/ });

    const writing = writeFiles(files(file(caPath, "ca"))).run(context);

    await expect(writing).rejects.toThrow("no space left on device");
    expect(standing(machine)).toEqual([]);
  });

  it.each([1, 2, 3])("is done again by the next run when it is killed after call %i", async (n) => {
    const { fleet, machine, context, again } = await oneMachine();
    const step = writeFiles(files(file(caPath, "ca"), file(keyPath, "key")));
    fleet.faults.dieAfter(n);
    await expect(step.run(context)).rejects.toThrow();
    fleet.revive();

    await step.run(again());

    expect(machine.disk.read(keyPath)?.toString()).toBe("key");
    expect(Object.keys(markerOn(machine))).toEqual([caPath, keyPath]);
    expect(standing(machine)).toEqual([]);
  });

  it.each(["/etc/passwd", "/etc/kubernetes/../passwd", "etc/kubernetes/a"])("refuses to write %s", async (path) => {
    const { context } = await oneMachine();

    await expect(writeFiles(files(file(path, "x"))).run(context)).rejects.toMatchObject({ code: "internal" });
  });
});
