import { describe, expect, it } from "vitest";

import { ask, remove, tell } from "./ask.ts";
import { toolsImage } from "./cluster.ts";
import { aContainer, aName, anEnded, aStarted, running } from "./containers.ts";
import { scripts } from "./scripts.ts";
import { unlike } from "./unlike.ts";
import { aWorld } from "./world.ts";

const world = aWorld();
const { docker, rawDocker } = world;

const noSuch = { status: 404, json: { message: expect.stringMatching(/^No such container: contract-nobody$/) } };

describe("A container that is created", () => {
  it("has an id of 64 digits", async () => {
    const answer = await rawDocker(
      tell("/containers/create", { query: { name: aName(world) }, body: running("ends") }),
    );

    expect(answer).toMatchObject({ status: 201, json: { Id: expect.stringMatching(/^[0-9a-f]{64}$/) } });
  });

  it("is found by its name, by its id, and by the first digits of it", async () => {
    const name = await aContainer(world, "ends");
    const found = await docker().inspect(name);
    const id = String(found?.Id);

    expect([await docker().inspect(id), await docker().inspect(id.slice(0, 12))]).toMatchObject([
      { Name: `/${name}` },
      { Name: `/${name}` },
    ]);
  });

  it("shows what it was made of", async () => {
    const spec = {
      Labels: { "contract.colour": "blue" },
      Env: ["COLOUR=blue"],
      HostConfig: {
        NetworkMode: "host",
        PidMode: "host",
        Privileged: true,
        Binds: ["/tmp/contract:/contract:z"],
        RestartPolicy: { Name: "always", MaximumRetryCount: 0 },
        SecurityOpt: ["label=disable"],
      },
    };
    const name = await aContainer(world, "waits", spec);

    const inspected = await docker().inspect(name);

    expect(inspected).toMatchObject({
      Name: `/${name}`,
      Image: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      Path: "sh",
      Args: ["-c", scripts.waits],
      Config: { Image: toolsImage, Entrypoint: ["sh", "-c", scripts.waits], Labels: spec.Labels },
      HostConfig: spec.HostConfig,
    });
    expect(Date.parse(String(inspected?.Created))).toBeGreaterThan(Date.now() - 60_000);
  });

  it("has the variables of its image after its own", async () => {
    const name = await aContainer(world, "ends", { Env: ["COLOUR=blue"] });

    const env = (await docker().inspect(name))?.Config.Env;

    expect(env).toEqual(["COLOUR=blue", expect.stringMatching(/^PATH=\//)]);
  });

  it("has settings of its own where it names none", async () => {
    const name = await aContainer(world, "ends");

    const { Config, HostConfig } = (await docker().inspect(name)) ?? {};

    expect([Config?.Cmd, HostConfig?.Binds, HostConfig?.SecurityOpt]).toEqual([null, null, null]);
    expect(HostConfig).toMatchObject({
      NetworkMode: "default",
      RestartPolicy: { Name: expect.stringMatching(/^(no)?$/) },
    });
  });

  it("has never run, and ended with no error", async () => {
    const name = await aContainer(world, "ends");

    expect((await docker().inspect(name))?.State).toMatchObject({
      Status: "created",
      Running: false,
      Restarting: false,
      ExitCode: 0,
      Error: "",
      StartedAt: "0001-01-01T00:00:00Z",
      FinishedAt: "0001-01-01T00:00:00Z",
    });
  });

  it("is not created under the name of another", async () => {
    const name = await aContainer(world, "ends");

    const answer = await rawDocker(tell("/containers/create", { query: { name }, body: running("ends") }));

    expect(answer).toMatchObject({
      status: 409,
      json: {
        message: expect.stringMatching(
          new RegExp(`^Conflict. The container name "/${name}" is already in use by container "?[0-9a-f]{64}`),
        ),
      },
    });
  });

  it("is not created under a name that Docker does not take", async () => {
    const answer = await rawDocker(tell("/containers/create", { query: { name: "a b" }, body: running("ends") }));

    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining("Invalid container name") } });
  });

  it("is not created from an image that is not there", async () => {
    const body = { ...running("ends"), Image: "contract/nothing:1" };

    const answer = await rawDocker(tell("/containers/create", { query: { name: aName(world) }, body }));

    expect(answer).toMatchObject({ status: 404, json: { message: "No such image: contract/nothing:1" } });
  });

  it("is not created with the volumes of a container that is not there", async () => {
    const body = running("ends", { HostConfig: { VolumesFrom: ["contract-nobody"] } });

    const answer = await rawDocker(tell("/containers/create", { query: { name: aName(world) }, body }));

    expect(answer).toMatchObject({ json: { message: expect.stringContaining("No such container: contract-nobody") } });
    expect([400, 404]).toContain(answer.status);
  });
});

describe("A container that is started", () => {
  it("runs, and starting it again changes nothing", async () => {
    const name = await aContainer(world, "waits");

    const [first, second] = [
      await rawDocker(tell(`/containers/${name}/start`)),
      await rawDocker(tell(`/containers/${name}/start`)),
    ];

    expect([first.status, second.status]).toEqual([204, 304]);
    expect((await docker().inspect(name))?.State).toMatchObject({
      Status: "running",
      Running: true,
      Restarting: false,
    });
  });

  it("notes when, and when it has ended, with its code", async () => {
    const name = await anEnded(world, "fails");

    const state = (await docker().inspect(name))?.State;

    expect(state).toMatchObject({ Status: "exited", Running: false, ExitCode: 7 });
    expect(Date.parse(String(state?.StartedAt))).toBeGreaterThan(Date.now() - 60_000);
    expect(Date.parse(String(state?.FinishedAt))).toBeGreaterThanOrEqual(Date.parse(String(state?.StartedAt)));
  });

  it("runs again after it has ended", async () => {
    const name = await anEnded(world, "fails");
    const before = (await docker().inspect(name))?.State.StartedAt;

    await docker().start(name);
    const code = await docker().wait(name);

    expect(code).toBe(7);
    expect((await docker().inspect(name))?.State.StartedAt).not.toBe(before);
  });

  it("says what could not be executed, and stays as it was", async () => {
    const name = aName(world);
    await docker().create(name, { Image: toolsImage, Entrypoint: ["contract-nothing"] });

    const answer = await rawDocker(tell(`/containers/${name}/start`));

    const words = /exec: "contract-nothing": executable file not found in \$PATH/;
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringMatching(words) } });
    expect((await docker().inspect(name))?.State).toMatchObject({
      Status: "created",
      Running: false,
      ExitCode: 127,
      Error: expect.stringMatching(words),
    });
  });

  it("is told of as missing when there is none", async () => {
    expect(await rawDocker(tell("/containers/contract-nobody/start"))).toMatchObject(noSuch);
  });

  it("finds a port taken that another one publishes", async () => {
    const published = {
      ExposedPorts: { "80/tcp": {} },
      HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "18099" }] } },
    };
    await aStarted(world, "waits", published);
    const second = await aContainer(world, "waits", published);

    const answer = await rawDocker(tell(`/containers/${second}/start`));

    expect(answer).toMatchObject({
      status: 500,
      json: { message: expect.stringMatching(/address already in use|port is already allocated/) },
    });
  });
});

describe("A container that is stopped", () => {
  it("ends, and stopping it again changes nothing", async () => {
    const name = await aStarted(world, "waits");

    const [first, second] = [
      await rawDocker(tell(`/containers/${name}/stop`, { query: { t: 5 } })),
      await rawDocker(tell(`/containers/${name}/stop`, { query: { t: 5 } })),
    ];

    expect([first.status, second.status]).toEqual([204, 304]);
    expect((await docker().inspect(name))?.State).toMatchObject({ Status: "exited", Running: false, ExitCode: 0 });
  });

  it("is left alone when it has never run", async () => {
    const name = await aContainer(world, "waits");

    expect(await rawDocker(tell(`/containers/${name}/stop`))).toMatchObject({ status: 304 });
  });

  it("is told of as missing when there is none", async () => {
    expect(await rawDocker(tell("/containers/contract-nobody/stop"))).toMatchObject(noSuch);
  });

  it("is not brought back by the policy that it restarts always", async () => {
    const name = await aStarted(world, "waits", { HostConfig: { RestartPolicy: { Name: "always" } } });

    await docker().stop(name, { graceSeconds: 5 });
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect((await docker().inspect(name))?.State).toMatchObject({ Status: "exited", Running: false });
  });

  unlike("one that does not heed the signal is killed after its grace, with code 137", async () => {
    const name = await aStarted(world, "sleeps");

    await docker().stop(name, { graceSeconds: 1 });

    expect((await docker().inspect(name))?.State.ExitCode).toBe(137);
  });
});

describe("A container that ends by itself", () => {
  it("is started again and again where its policy says so", async () => {
    const name = await aStarted(world, "fails", { HostConfig: { RestartPolicy: { Name: "always" } } });

    await expect
      .poll(async () => docker().inspect(name), { timeout: 20_000 })
      .toMatchObject({ State: { Restarting: true, Running: true, Status: "restarting", ExitCode: 7 } });
    await expect.poll(async () => (await docker().inspect(name))?.RestartCount, { timeout: 20_000 }).toBeGreaterThan(1);
  });

  it("is told of by the list as restarting, with its code", async () => {
    const name = await aStarted(world, "fails", { HostConfig: { RestartPolicy: { Name: "always" } } });

    await expect
      .poll(async () => listed(name), { timeout: 20_000, interval: 20 })
      .toMatchObject({ State: "restarting", Status: expect.stringMatching(/^Restarting \(7\) /) });
  });

  it("can be stopped while it waits to be started again", async () => {
    const name = await aStarted(world, "fails", { HostConfig: { RestartPolicy: { Name: "always" } } });
    await expect.poll(async () => (await docker().inspect(name))?.State.Restarting, { timeout: 20_000 }).toBe(true);

    await docker().stop(name, { graceSeconds: 5 });

    expect((await docker().inspect(name))?.State).toMatchObject({ Running: false, Restarting: false });
  });

  it("goes away where it was made for that", async () => {
    const name = await aStarted(world, "failsLater", { HostConfig: { AutoRemove: true } });

    const code = await docker().wait(name);

    expect(code).toBe(7);
    await expect.poll(async () => docker().inspect(name), { timeout: 10_000 }).toBeUndefined();
  });
});

describe("Waiting for a container", () => {
  it.each([
    ["that has ended", async () => anEnded(world, "fails"), 7],
    ["that will end", async () => aStarted(world, "failsLater"), 7],
    ["that has never run", async () => aContainer(world, "fails"), 0],
  ])("%s brings its code", async (_case, make, code) => {
    expect(await docker().wait(await make())).toBe(code);
  });

  it("that is not there is refused", async () => {
    expect(await rawDocker(tell("/containers/contract-nobody/wait"))).toMatchObject(noSuch);
  });
});

describe("A container that is restarted", () => {
  it("has a new start and no more restarts of its own", async () => {
    const name = await aStarted(world, "waits");
    const before = await docker().inspect(name);

    await docker().restart(name, { graceSeconds: 5 });

    const after = await docker().inspect(name);
    expect(after).toMatchObject({ Id: before?.Id, RestartCount: 0, State: { Running: true } });
    expect(Date.parse(String(after?.State.StartedAt))).toBeGreaterThan(Date.parse(String(before?.State.StartedAt)));
  });

  it("is started where it was stopped", async () => {
    const name = await aContainer(world, "waits");

    await docker().restart(name);

    expect((await docker().inspect(name))?.State.Running).toBe(true);
  });

  it("is told of as missing when there is none", async () => {
    expect(await rawDocker(tell("/containers/contract-nobody/restart"))).toMatchObject(noSuch);
  });
});

describe("A container that is renamed", () => {
  it("runs on under the new name only", async () => {
    const [name, other] = [await aStarted(world, "waits"), aName(world)];

    const answer = await rawDocker(tell(`/containers/${name}/rename`, { query: { name: other } }));

    expect(answer.status).toBe(204);
    expect([await docker().inspect(name), await docker().inspect(other)]).toMatchObject([
      undefined,
      { Name: `/${other}`, State: { Running: true } },
    ]);
  });

  it("does not get the name of another", async () => {
    const [name, other] = [await aContainer(world, "waits"), await aContainer(world, "waits")];

    const answer = await rawDocker(tell(`/containers/${name}/rename`, { query: { name: other } }));

    expect(answer).toMatchObject({ status: 409, json: { message: expect.stringContaining("is already in use") } });
  });

  it("is told of as missing when there is none", async () => {
    const answer = await rawDocker(tell("/containers/contract-nobody/rename", { query: { name: aName(world) } }));

    expect(answer).toMatchObject(noSuch);
  });
});

describe("A container that is removed", () => {
  it("must not run, unless it is forced", async () => {
    const name = await aStarted(world, "waits");

    const [asked, forced] = [
      await rawDocker(remove(`/containers/${name}`)),
      await rawDocker(remove(`/containers/${name}`, { force: true, v: true })),
    ];

    expect([asked.status, forced.status]).toEqual([409, 204]);
    expect(await docker().inspect(name)).toBeUndefined();
  });

  it("is told of as missing when there is none", async () => {
    expect(await rawDocker(remove("/containers/contract-nobody", { force: true }))).toMatchObject(noSuch);
  });

  it("may be removed by several at once", async () => {
    const name = await aStarted(world, "waits");

    const each = [1, 2, 3].map(async () => docker().remove(name));

    expect(await Promise.all(each)).toContain(true);
    await expect.poll(async () => docker().inspect(name)).toBeUndefined();
  });

  it("ends for those who wait for it", async () => {
    const name = await aStarted(world, "waits");
    const waiting = docker().wait(name);

    await docker().remove(name);

    expect(await waiting).toEqual(expect.any(Number));
  });
});

describe("The list of containers", () => {
  it("shows all that is taken from it", async () => {
    const name = await anEnded(world, "fails", { Labels: { "contract.colour": "blue" } });
    const image = await docker().inspectImage(toolsImage);

    expect(await listed(name)).toMatchObject({
      Id: expect.stringMatching(/^[0-9a-f]{64}$/),
      Names: [`/${name}`],
      Image: toolsImage,
      ImageID: image?.Id,
      State: "exited",
      Status: expect.stringMatching(/^Exited \(7\) /),
      Labels: expect.objectContaining({ "contract.colour": "blue" }),
    });
  });

  it.each([
    ["created", async () => aContainer(world, "waits"), /^Created$/],
    ["running", async () => aStarted(world, "waits"), /^Up /],
  ])("tells of one that is %s", async (state, make, status) => {
    const name = await make();

    expect(await listed(name)).toMatchObject({ State: state, Status: expect.stringMatching(status) });
  });

  it("tells when a container was made, in whole seconds", async () => {
    const name = await aContainer(world, "waits");
    const made = Date.parse(String((await docker().inspect(name))?.Created));

    expect((await listed(name))?.Created).toBe(Math.floor(made / 1000));
  });

  it("holds those that do not run only when asked for all", async () => {
    const name = await aContainer(world, "waits");

    const { json } = await rawDocker(ask("/containers/json"));

    expect(Array.isArray(json) && json.some(({ Names }) => Names.includes(`/${name}`))).toBe(false);
  });

  it.each(["contract.fruit", "contract.fruit=pear"])("is filtered by the label %s", async (label) => {
    const name = await aContainer(world, "waits", { Labels: { "contract.fruit": "pear" } });
    await aContainer(world, "waits", { Labels: { "contract.other": "pear" } });

    const found = await docker().list({ label });

    expect(found.map(({ Names }) => Names)).toEqual([[`/${name}`]]);
  });
});

const listed = async (name: string) => (await docker().list()).find(({ Names }) => Names.includes(`/${name}`));
