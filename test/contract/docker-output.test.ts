import { describe, expect, it } from "vitest";

import { ask, tell } from "./ask.ts";
import { aContainer, anEnded, aStarted } from "./containers.ts";
import { scripts, shell } from "./scripts.ts";
import { unlike } from "./unlike.ts";
import { aWorld } from "./world.ts";

const world = aWorld();
const { docker, rawDocker } = world;

const both = { stdout: true, stderr: true };

describe("The log of a container", () => {
  it("keeps standard output and standard error apart", async () => {
    const name = await anEnded(world, "speaks");

    expect(await docker().logs(name)).toEqual({ stdout: "to stdout\n", stderr: "to stderr\n" });
  });

  it("comes in frames: a stream, three zeros, a length, the bytes", async () => {
    const name = await anEnded(world, "counts");

    const { status, body } = await rawDocker(ask(`/containers/${name}/logs`, both));

    expect([status, body.slice(0, 15)]).toEqual([200, "\x01\0\0\0\0\0\0\x07line 1\n"]);
  });

  it("is cut to its last lines", async () => {
    const name = await anEnded(world, "counts");

    expect(await docker().logs(name, { tail: 2 })).toEqual({ stdout: "line 5\nline 6\n", stderr: "" });
  });

  it("is there while the container runs", async () => {
    const name = await aStarted(world, "speaksAndWaits");

    await expect.poll(async () => docker().logs(name), { timeout: 10_000 }).toEqual({ stdout: "up\n", stderr: "" });
  });

  it("is empty before the container has run", async () => {
    const name = await aContainer(world, "speaks");

    expect(await docker().logs(name, { tail: 5 })).toEqual({ stdout: "", stderr: "" });
  });

  it("is refused where there is no container", async () => {
    const answer = await rawDocker(ask("/containers/contract-nobody/logs", both));

    expect(answer).toMatchObject({ status: 404, json: { message: "No such container: contract-nobody" } });
  });

  it("has the words of a container with a terminal as they came", async () => {
    const name = await anEnded(world, "counts", { Tty: true });

    expect(await docker().logs(name, { tail: 1 })).toEqual({ stdout: "line 6\r\n", stderr: "" });
  });

  unlike("a line that has no end is told without one", async () => {
    const name = await anEnded(world, "stopsShort");

    expect(await docker().logs(name)).toEqual({ stdout: "no end", stderr: "" });
  });
});

describe("A command in a container", () => {
  it("brings what it says and its code", async () => {
    const name = await aStarted(world, "waits");

    const ended = await docker().exec(name, shell("speaks"));

    expect(ended).toEqual({ stdout: "to stdout\n", stderr: "to stderr\n", exitCode: 3 });
  });

  it("has the variables of the container", async () => {
    const name = await aStarted(world, "waits", { Env: ["COLOUR=blue"] });

    expect((await docker().exec(name, shell("environment"))).stdout).toMatch(/^blue \//);
  });

  it("is refused where the container does not run", async () => {
    const name = await aContainer(world, "waits");
    const body = { AttachStdout: true, AttachStderr: true, Cmd: shell("ends") };

    const answer = await rawDocker(tell(`/containers/${name}/exec`, { body }));

    expect(answer).toMatchObject({
      status: 409,
      json: { message: expect.stringMatching(/container .* is not running/i) },
    });
  });

  it("is refused where there is no container", async () => {
    const answer = await rawDocker(tell("/containers/contract-nobody/exec", { body: { Cmd: ["true"] } }));

    expect(answer).toMatchObject({ status: 404, json: { message: "No such container: contract-nobody" } });
  });

  it("that is not there ends with a code of its own", async () => {
    const name = await aStarted(world, "waits");

    const ended = await docker().exec(name, ["contract-nothing"]);

    expect(ended.exitCode).toBe(126);
    expect(ended.stdout).toMatch(/exec: "contract-nothing": executable file not found in \$PATH/);
  });
});

describe("The shell of a container", () => {
  it("gets the words of the script as they were given", () => {
    expect(shell("waits")).toEqual(["sh", "-c", scripts.waits]);
  });
});
