import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { Secret } from "../../../provider/secrets.ts";
import { aDatabase, aFolder, packed, sha256Of } from "../snapshots/world.ts";
import { ran, type Written } from "./world.ts";

const text = new Secret('{"desiredState": {}}');
const passphrase = new Secret("correct horse battery staple");

describe("snapshot()", () => {
  it("snapshot() says that an archive is whole, and of what it is", async () => {
    const { file } = await packed();

    const { code, out, err } = await ran(["snapshot", file]);

    expect([code, err]).toEqual([0, ""]);
    expect(out.replace(file, "FILE")).toBe(`FILE is a whole snapshot of etcd

Name        before-upgrade
Taken at    2026-11-21T08:00:00.000Z
Cluster     prod, 0123456789abcdef0123456789abcdef
Kubernetes  v1.32.6-rancher1-1
etcd        3.5.21, revision 4711, 1200 keys
Database    20512 bytes, sha256 ${sha256Of(aDatabase())}
State       none: the identity of the cluster is needed to restore it
`);
  });

  it("snapshot() says what is known of a database without a manifest", async () => {
    const file = join(await aFolder(), "daily");
    await writeFile(file, aDatabase());

    const { out } = await ran(["snapshot", file]);

    expect(out).toMatch(/^Name {8}daily\nManifest {4}none: rke or etcdctl has written it\nDatabase {4}20512 bytes/m);
  });

  it("snapshot() fails on one that is broken, and says how", async () => {
    const { file, sizeBytes } = await packed();
    await truncate(file, sizeBytes - 40);

    const { code, out, err } = await ran(["snapshot", file]);

    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^pulumi-rke: Cannot read the snapshot in ".*": it is cut off/);
  });

  it("snapshot() writes the state in it, plain or with its passphrase", async () => {
    const plain = await packed({ state: { text } });
    const encrypted = await packed({ state: { text, passphrase } });
    const written: Written = new Map();

    const one = await ran(["snapshot", plain.file, "--state", "one.rkestate"], {}, written);
    const files = { "secret.txt": "correct horse battery staple\n" };
    const args = ["snapshot", encrypted.file, "--passphrase-file", "secret.txt", "--state", "two.rkestate"];
    const two = await ran(args, files, written);

    expect([one.code, two.code]).toEqual([0, 0]);
    expect(two.out).toContain("State       encrypted, and this passphrase opens it");
    expect([...written]).toEqual([
      ["one.rkestate", text.unwrap()],
      ["two.rkestate", text.unwrap()],
    ]);
    expect(`${one.out}${two.out}`).not.toContain("desiredState");
  });

  it.each([
    ["no passphrase", [], {}, /it is encrypted, and no passphrase is given/],
    ["another passphrase", ["--passphrase-file", "p"], { p: "wrong" }, /the passphrase is another one/],
    ["no file with a passphrase", ["--passphrase-file", "p"], {}, /Cannot read "p": there is no such file/],
    [
      "a file in its way",
      ["--passphrase-file", "p"],
      { p: passphrase.unwrap(), s: "mine" },
      /there is a file of that name/,
    ],
  ])("snapshot() writes no state with %s", async (_, args, files, because) => {
    const { file } = await packed({ state: { text, passphrase } });
    const written: Written = new Map();

    const { code, out, err } = await ran(["snapshot", file, "--state", "s", ...args], files, written);

    expect([code, out, written.size]).toEqual([1, "", 0]);
    expect(err).toMatch(because);
  });

  it("snapshot() says when there is no state to write", async () => {
    const { file } = await packed();

    expect((await ran(["snapshot", file, "--state", "s"])).err).toBe(
      `pulumi-rke: Cannot write the state of the cluster to "s": there is none in "${file}"\n`,
    );
  });
});
