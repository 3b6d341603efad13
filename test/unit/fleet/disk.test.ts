import { describe, expect, it } from "vitest";

import { Disk, throughBinds } from "../../fleet/disk.ts";

describe("Disk", () => {
  it("reads back what was written, whatever way the path is spelled", () => {
    const disk = new Disk({ now: () => 1000 });

    disk.write("/etc//kubernetes/./x", "content", 0o600);

    expect(disk.stat("/etc/kubernetes/x")).toEqual({
      content: Buffer.from("content"),
      mode: 0o600,
      modifiedAtMs: 1000,
    });
  });

  it("refuses what does not fit, in the kernel's words", () => {
    const disk = new Disk({ sizeBytes: 10 });

    expect(() => disk.write("/big", "more than ten bytes")).toThrow("no space left on device");
  });

  it("gives back the room of a file that was replaced", () => {
    const disk = new Disk({ sizeBytes: 10 });
    disk.write("/a", "1234567890");

    disk.write("/a", "12");

    expect(disk.usedBytes).toBe(2);
  });

  it("renames without room, and not from one file system to another", () => {
    const machine = new Disk({ sizeBytes: 5 });
    machine.write("/data/a", "12345", 0o600);
    const view = throughBinds(machine, new Disk(), ["/data:/inside"]);

    view.rename("/inside/a", "/inside/below/b");

    expect(machine.stat("/data/below/b")).toMatchObject({ content: Buffer.from("12345"), mode: 0o600 });
    expect([machine.usedBytes, machine.stat("/data/a")]).toEqual([5, undefined]);
    expect(() => view.rename("/inside/below/b", "/elsewhere")).toThrow("invalid cross-device link");
    expect(() => view.rename("/inside/gone", "/inside/b")).toThrow("no such file or directory");
  });

  it("lists what lies below a folder and nothing beside it", () => {
    const disk = new Disk();
    for (const path of ["/a/b/c", "/a/b", "/ab/c"]) disk.write(path, "");

    expect(disk.list("/a/")).toEqual(["/a/b/c", "/a/b"]);
  });
});

describe("throughBinds()", () => {
  it("leads a bound path to the machine and any other to the container", () => {
    const [disk, own] = [new Disk(), new Disk()];
    const files = throughBinds(disk, own, ["/opt/rke/etc:/etc/kubernetes:z"]);

    files.write("/etc/kubernetes/ssl/ca.pem", "ca");
    files.write("/tmp/own", "own");

    expect([disk.list("/"), own.list("/")]).toEqual([["/opt/rke/etc/ssl/ca.pem"], ["/tmp/own"]]);
  });

  it("prefers the longest bind that fits", () => {
    const disk = new Disk();
    const files = throughBinds(disk, new Disk(), ["/a:/x", "/b:/x/y"]);

    files.write("/x/y/z", "");

    expect(disk.list("/")).toEqual(["/b/z"]);
  });

  it("lists by the paths that the container knows", () => {
    const disk = new Disk();
    disk.write("/var/lib/etcd/member/db", "");
    const files = throughBinds(disk, new Disk(), ["/var/lib/etcd:/var/lib/rancher/etcd/"]);

    expect(files.list("/var/lib/rancher/etcd")).toEqual(["/var/lib/rancher/etcd/member/db"]);
  });

  it("refuses to write where the bind is read-only", () => {
    const files = throughBinds(new Disk(), new Disk(), ["/etc:/host/etc:ro"]);

    expect(() => files.write("/host/etc/passwd", "")).toThrow("read-only file system");
  });
});
