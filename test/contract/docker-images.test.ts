import { describe, expect, it } from "vitest";

import { splitImage } from "../../provider/hosts/image-name.ts";
import { lookForImages } from "../../provider/observed/images.ts";
import { ask, tell } from "./ask.ts";
import { toolsImage } from "./cluster.ts";
import { aWorld } from "./world.ts";

const { here, docker, rawDocker } = aWorld();

describe("An image that is there", () => {
  it("is found by its name and by its id, with its settings", async () => {
    const byName = await docker().inspectImage(toolsImage);
    const byId = await docker().inspectImage(String(byName?.Id));

    expect(byName).toMatchObject({
      Id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      RepoTags: expect.arrayContaining([toolsImage]),
      RepoDigests: expect.arrayContaining([expect.stringMatching(/^rancher\/rke-tools@sha256:/)]),
      Config: { Env: [expect.stringMatching(/^PATH=/)], Cmd: ["/bin/bash"], Volumes: { "/opt/rke-tools": {} } },
    });
    expect(byId?.Id).toBe(byName?.Id);
  });

  it("has no entrypoint where it names none", async () => {
    expect((await docker().inspectImage(toolsImage))?.Config.Entrypoint ?? null).toBeNull();
  });

  it("is in the list, by its tags and digests", async () => {
    const found = (await docker().images()).find(({ RepoTags }) => RepoTags?.includes(toolsImage));

    expect(found).toMatchObject({
      Id: (await docker().inspectImage(toolsImage))?.Id,
      RepoDigests: expect.arrayContaining([expect.stringMatching(/^rancher\/rke-tools@sha256:/)]),
    });
    expect(await lookForImages(docker(), [toolsImage, "contract/nothing:1"], { signal: undefined })).toEqual([
      toolsImage,
    ]);
  });

  it("is pulled without harm, and tells how that goes", async () => {
    const told: unknown[] = [];

    await docker().pull(toolsImage, { onProgress: ({ status }) => told.push(status) });

    expect(told.join("\n")).toContain("Pulling from rancher/rke-tools");
    expect(told.at(-1)).toMatch(/^Status: (Image is up to date|Downloaded newer image) for /);
  });
});

describe("An image that is not there", () => {
  it("is told of as missing", async () => {
    const answer = await rawDocker(ask("/images/contract/nothing:1/json"));

    expect(answer).toMatchObject({
      status: 404,
      json: { message: expect.stringMatching(/No such image: contract\/nothing:1$/) },
    });
    expect(await docker().inspectImage("contract/nothing:1")).toBeUndefined();
  });

  it("is refused by a registry that does not know it, at once and for good", async () => {
    const { missing } = here().images;

    await expect(docker().pull(missing)).rejects.toMatchObject({
      code: "registry",
      transient: false,
      detail: { because: expect.stringMatching(/manifest unknown/), hint: expect.stringContaining("name and tag") },
    });
  });

  it("is refused before anything is told of progress", async () => {
    const { name, tag } = splitImage(here().images.missing);

    const { status, json } = await rawDocker(tell("/images/create", { query: { fromImage: name, tag } }));

    expect([status, json?.message]).toEqual([404, expect.stringContaining(`manifest for ${name}:${tag} not found`)]);
  });

  it("is worth another try where no registry answers", async () => {
    const { unreachable } = here().images;

    await expect(docker().pull(unreachable)).rejects.toMatchObject({
      code: "registry",
      transient: true,
      detail: {
        because: expect.stringMatching(/connection refused/),
        hint: expect.stringContaining("reaches the registry"),
      },
    });
  });
});
