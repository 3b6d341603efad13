import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readIncludes, readLocalIncludes } from "../../../provider/resources/includes.ts";

let server: Server;
let origin: string;
let folder: string;
beforeAll(async () => {
  server = createServer(({ url }, response) => {
    response.statusCode = url?.startsWith("/a.yaml") ? 200 : 404;
    response.end("a: 1\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), "includes-"));
  await writeFile(join(folder, "b.yaml"), "b: 2\n");
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

describe("readIncludes()", () => {
  it("reads files and URLs, in their order", async () => {
    const addonsInclude = [`${origin}/a.yaml`, join(folder, "b.yaml")];

    expect(await readIncludes({ addonsInclude })).toEqual(["a: 1\n", "b: 2\n"]);
  });

  it("has nothing where nothing is named", async () => {
    expect(await readIncludes({ addonsInclude: [] })).toBeUndefined();
  });

  it("takes no page for a manifest that says that there is none", async () => {
    const reading = readIncludes({ addonsInclude: [`${origin}/c.yaml?token=hunter2`] });

    await expect(reading).rejects.toThrow(`Cannot fetch ${origin}/c.yaml of addonsInclude: the server answered 404`);
    await expect(reading).rejects.not.toThrow("hunter2");
  });

  it("says which file is missing, and where it was looked for", async () => {
    await expect(readIncludes({ addonsInclude: ["gone.yaml"] })).rejects.toThrow(
      `Cannot read gone.yaml of addonsInclude: there is no such file in ${process.cwd()}`,
    );
  });
});

describe("readLocalIncludes()", () => {
  it("reads nothing when a URL is among them", async () => {
    expect(await readLocalIncludes({ addonsInclude: [join(folder, "b.yaml"), `${origin}/a.yaml`] })).toBeUndefined();
    expect(await readLocalIncludes({ addonsInclude: [join(folder, "b.yaml")] })).toEqual(["b: 2\n"]);
  });
});
