import { describe, expect, it } from "vitest";

import { ask } from "./ask.ts";
import { aWorld } from "./world.ts";

const { docker, rawDocker } = aWorld();

describe("Docker's engine", () => {
  it("tells the range of the API that it speaks", async () => {
    const version = await docker().version();

    expect(version).toMatchObject({
      Version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      ApiVersion: expect.stringMatching(/^1\.\d+$/),
      MinAPIVersion: expect.stringMatching(/^1\.\d+$/),
      Os: "linux",
      Arch: "amd64",
      KernelVersion: expect.stringMatching(/^\d+\.\d+/),
    });
  });

  it("describes the machine in the words that facts are made of", async () => {
    const { json } = await rawDocker(ask("/info"));

    expect(json).toMatchObject({
      ServerVersion: (await docker().version()).Version,
      OperatingSystem: expect.stringMatching(/./),
      OSType: "linux",
      Architecture: "x86_64",
      DockerRootDir: "/var/lib/docker",
      SecurityOptions: expect.arrayContaining([expect.stringMatching(/^name=/)]),
      CgroupDriver: expect.stringMatching(/^(cgroupfs|systemd)$/),
      CgroupVersion: expect.stringMatching(/^[12]$/),
      KernelVersion: expect.stringMatching(/^\d+\.\d+/),
      NCPU: expect.any(Number),
      MemTotal: expect.any(Number),
      Name: expect.stringMatching(/./),
      Driver: "overlay2",
      LiveRestoreEnabled: false,
      RegistryConfig: { Mirrors: expect.any(Array) },
    });
  });

  it("tells the time of the machine", async () => {
    const { json } = await rawDocker(ask("/info"));

    expect(Math.abs(Date.parse(String(json?.SystemTime)) - Date.now())).toBeLessThan(2000);
  });

  it("answers 404 to a path that it does not know", async () => {
    expect(await rawDocker(ask("/nothing"))).toMatchObject({ status: 404, json: { message: "page not found" } });
  });
});
