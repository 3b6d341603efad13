import { describe, expect, it } from "vitest";

import { type ArchivedFile, packed, unpacked } from "../../provider/hosts/archive.ts";
import { readAll } from "../../provider/hosts/http.ts";
import { ask } from "./ask.ts";
import { aContainer, anEnded, aStarted } from "./containers.ts";
import { unlike } from "./unlike.ts";
import { aWorld } from "./world.ts";

const world = aWorld();
const { docker, rawDocker } = world;

const aMoment = Date.parse("2026-11-21T08:00:00Z");

const aFile = (name: string, changes: Partial<ArchivedFile> = {}): ArchivedFile => ({
  name,
  content: Buffer.from(`this is ${name}\n`),
  mode: 0o640,
  uid: 52034,
  gid: 52035,
  modifiedAtMs: aMoment,
  ...changes,
});

describe("An archive that is put into a container", () => {
  it("comes back with contents, modes, owners and times", async () => {
    const name = await aContainer(world, "ends");

    await put(name, "/tmp", [aFile("first"), aFile("second", { mode: 0o755, uid: 0, gid: 0 })]);

    expect(await got(name, "/tmp/first")).toEqual([
      {
        name: "first",
        content: Buffer.from("this is first\n"),
        mode: 0o640,
        uid: 52034,
        gid: 52035,
        modifiedAtMs: aMoment,
      },
    ]);
    expect(await got(name, "/tmp/second")).toMatchObject([{ name: "second", mode: 0o755, uid: 0, gid: 0 }]);
  });

  it("makes the directories that its files need", async () => {
    const name = await aContainer(world, "ends");

    await put(name, "/tmp", [aFile("contract/deep/file")]);

    expect(await got(name, "/tmp/contract/deep/file")).toMatchObject([{ name: "file" }]);
  });

  it("replaces the files that are there, with mode and owner", async () => {
    const name = await aContainer(world, "ends");
    await put(name, "/tmp", [aFile("file")]);

    await put(name, "/tmp", [aFile("file", { content: Buffer.from("anew"), mode: 0o600, uid: 0, gid: 0 })]);

    expect(await got(name, "/tmp/file")).toMatchObject([{ content: Buffer.from("anew"), mode: 0o600, uid: 0, gid: 0 }]);
  });

  it("leaves the other files of a directory where they are", async () => {
    const name = await aContainer(world, "ends");
    await put(name, "/tmp", [aFile("contract/one")]);

    await put(name, "/tmp", [aFile("contract/two")]);

    expect((await got(name, "/tmp/contract")).map((file) => file.name).sort()).toEqual([
      "contract/one",
      "contract/two",
    ]);
  });

  it("is refused by a directory that is not there", async () => {
    const name = await aContainer(world, "ends");

    const answer = await rawDocker(putCall(name, "/contract-nowhere", [aFile("file")]));

    expect(answer).toMatchObject({
      status: 404,
      json: { message: expect.stringMatching(/Could not find the file \/contract-nowhere in container/) },
    });
  });

  it("is refused where there is no container", async () => {
    const answer = await rawDocker(putCall("contract-nobody", "/tmp", [aFile("file")]));

    expect(answer).toMatchObject({ status: 404, json: { message: "No such container: contract-nobody" } });
  });
});

describe("A directory of the machine that is bound into a container", () => {
  it("is written although the container never runs", async () => {
    const [writer, reader] = [await withBind("waits"), await withBind("reads")];

    await put(writer, "/contract", [aFile("in")]);
    await docker().start(reader);
    await docker().wait(reader);

    expect(await docker().logs(reader)).toEqual({ stdout: "this is in\n", stderr: "" });
  });

  it("is read although the container never runs", async () => {
    const reader = await withBind("waits");
    await anEnded(world, "writes", bound);

    expect(await got(reader, "/contract/out")).toMatchObject([{ name: "out", content: Buffer.from("written\n") }]);
  });

  it("is read from a container that runs", async () => {
    const [writer, reader] = [await withBind("ends"), await aStarted(world, "waits", bound)];

    await put(writer, "/contract", [aFile("in")]);

    expect(await got(reader, "/contract/in")).toMatchObject([{ name: "in", mode: 0o640, uid: 52034 }]);
  });

  it("is there and empty when the machine had no such directory", async () => {
    const name = await aContainer(world, "ends", { HostConfig: { Binds: ["/tmp/contract-empty:/contract-empty"] } });

    const { status, headers } = await rawDocker(ask(`/containers/${name}/archive`, { path: "/contract-empty" }));

    expect([status, headers["content-type"]]).toEqual([200, "application/x-tar"]);
    expect(await got(name, "/contract-empty")).toEqual([]);
  });
});

describe("An archive that is taken from a container", () => {
  it("names its files after the directory that was asked for", async () => {
    const name = await aContainer(world, "ends");
    await put(name, "/tmp", [aFile("contract/ssl/key.pem"), aFile("contract/yaml")]);

    const files = await got(name, "/tmp/contract");

    expect(files.map((file) => file.name).sort()).toEqual(["contract/ssl/key.pem", "contract/yaml"]);
  });

  it("tells in its header what was asked for", async () => {
    const name = await aContainer(world, "ends");
    await put(name, "/tmp", [aFile("file")]);

    const { headers } = await rawDocker(ask(`/containers/${name}/archive`, { path: "/tmp/file" }));

    const told = Buffer.from(String(headers["x-docker-container-path-stat"]), "base64").toString("utf8");
    expect(JSON.parse(told)).toMatchObject({ name: "file", size: 13 });
  });

  it("has names of any length", async () => {
    const name = await aContainer(world, "ends");
    const long = `${"directory-with-a-name/".repeat(6)}file`;
    await put(name, "/tmp", [aFile(`${"directory-with-a-name/".repeat(3)}file`)]);
    const [folder = ""] = long.split("/");

    const [file] = await got(name, `/tmp/${folder}`);

    expect(file?.name).toBe(`${"directory-with-a-name/".repeat(3)}file`);
  });

  it("is undefined where there is no such path, and no such container", async () => {
    const name = await aContainer(world, "ends");

    expect([
      await docker().getArchive(name, "/contract-nowhere"),
      await docker().getArchive("contract-nobody", "/tmp"),
    ]).toEqual([undefined, undefined]);
  });

  unlike("an empty directory is one that is there", async () => {
    const name = await anEnded(world, "makesDirectory");

    expect(await docker().getArchive(name, "/tmp/contract-empty")).toBeDefined();
  });
});

const bound = { HostConfig: { Binds: ["/tmp/contract:/contract"] } };

const withBind = async (script: "waits" | "reads" | "ends") => aContainer(world, script, bound);

const putCall = (name: string, path: string, files: readonly ArchivedFile[]) =>
  ({ method: "PUT", path: `/containers/${name}/archive`, query: { path }, archive: packed(files) }) as const;

async function put(name: string, path: string, files: readonly ArchivedFile[]): Promise<void> {
  await docker().putArchive(name, path, { archive: packed(files) });
}

async function got(name: string, path: string) {
  const archive = await docker().getArchive(name, path);
  if (archive === undefined) throw new Error(`There is no ${path} in ${name}`);
  return unpacked(await readAll(archive));
}
