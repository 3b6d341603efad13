import { describe, expect, it } from "vitest";

import { program, runs } from "../../fleet/programs.ts";
import { ask, dockerOf, testMachine } from "./clients.ts";

const sleep = program("sleep", runs("sleep"), () => undefined);
const fail = program("fail", runs("fail"), (process) => {
  process.log("it went wrong");
  return 3;
});
const options = { images: ["tool:1"], programs: [sleep, fail] };
const sleeping = { name: "sleeper", Image: "tool:1", Cmd: ["sleep"] };

describe("dockerEngine()", () => {
  it("tells its API version in every header", async () => {
    const { machine } = await testMachine();
    const docker = dockerOf(machine);

    const version = await docker.version();

    expect(version).toMatchObject({ ApiVersion: "1.49", MinAPIVersion: "1.24", Version: "28.1.1" });
    expect((await docker.ping()).toString()).toBe("OK");
  });

  it.each([
    ["v1.99", "client version 1.99 is too new. Maximum supported API version is 1.49"],
    ["v1.12", "client version 1.12 is too old. Minimum supported API version is 1.24"],
  ])("refuses a client of %s", async (version, message) => {
    const { machine } = await testMachine();

    await expect(dockerOf(machine, { version }).info()).rejects.toMatchObject({
      statusCode: 400,
      json: { message: expect.stringContaining(message) },
    });
  });

  it("describes the machine", async () => {
    const { machine } = await testMachine();

    const info = await dockerOf(machine).info();

    expect(info).toMatchObject({ OSType: "linux", DockerRootDir: "/var/lib/docker", NCPU: 2, Name: "node-1" });
  });

  it("creates, starts, inspects, stops and removes", async () => {
    const { fleet, machine } = await testMachine(options);
    const docker = dockerOf(machine);

    const container = await docker.createContainer({ ...sleeping, Env: ["A=1"], Labels: { made: "here" } });
    await container.start();
    const running = await container.inspect();
    await container.stop();
    const stopped = await container.inspect();
    await container.remove();

    expect(running).toMatchObject({ Name: "/sleeper", State: { Running: true }, Config: { Labels: { made: "here" } } });
    expect(running.Config.Env).toContain("A=1");
    expect(stopped.State).toMatchObject({ Status: "exited", Running: false });
    expect(fleet.journal.lines({ node: "node-1" })).toEqual([
      "container created sleeper",
      "container started sleeper",
      "container stopped sleeper",
      "container removed sleeper",
    ]);
  });

  it("answers 304 to a start of what runs and to a stop of what is stopped", async () => {
    const { machine } = await testMachine(options);
    const container = await dockerOf(machine).createContainer(sleeping);

    await expect(container.stop()).rejects.toMatchObject({ statusCode: 304 });
    await container.start();
    await expect(container.start()).rejects.toMatchObject({ statusCode: 304 });
  });

  it("answers 409 to a second container of the same name", async () => {
    const { machine } = await testMachine(options);
    await dockerOf(machine).createContainer(sleeping);

    await expect(dockerOf(machine).createContainer(sleeping)).rejects.toMatchObject({
      statusCode: 409,
      json: { message: expect.stringContaining('The container name "/sleeper" is already in use') },
    });
  });

  it("answers 409 to the removal of what runs, unless forced", async () => {
    const { machine } = await testMachine(options);
    const container = await dockerOf(machine).createContainer(sleeping);
    await container.start();

    await expect(container.remove()).rejects.toMatchObject({ statusCode: 409 });
    await container.remove({ force: true });

    expect(machine.containers.size).toBe(0);
  });

  it.each([
    [
      "a container",
      (docker: ReturnType<typeof dockerOf>) => docker.getContainer("gone").inspect(),
      "No such container: gone",
    ],
    ["an image", (docker: ReturnType<typeof dockerOf>) => docker.getImage("gone:1").inspect(), "No such image: gone:1"],
    [
      "the image of a container",
      (docker: ReturnType<typeof dockerOf>) => docker.createContainer({ Image: "gone:1" }),
      "No such image: gone:1",
    ],
  ])("answers 404 for %s that is not there", async (_case, deed, message) => {
    const { machine } = await testMachine();

    await expect(deed(dockerOf(machine))).rejects.toMatchObject({ statusCode: 404, json: { message } });
  });

  it("does not start what no program understands", async () => {
    const { machine } = await testMachine(options);
    const container = await dockerOf(machine).createContainer({
      Image: "tool:1",
      Cmd: ["sh", "-c", "echo hello | wc"],
    });

    await expect(container.start()).rejects.toMatchObject({
      statusCode: 400,
      json: { message: expect.stringContaining('exec: "sh": executable file not found in $PATH') },
    });
  });

  it("lists what runs, all, and by label and name", async () => {
    const { machine } = await testMachine(options);
    const docker = dockerOf(machine);
    await docker.createContainer({ ...sleeping, name: "one", Labels: { plane: "etcd" } });
    await (await docker.createContainer({ ...sleeping, name: "two" })).start();
    const names = async (query: object) => (await docker.listContainers(query)).flatMap(({ Names }) => Names);

    expect(await names({})).toEqual(["/two"]);
    expect(await names({ all: true })).toEqual(["/two", "/one"]);
    expect(await names({ all: true, filters: { label: ["plane=etcd"] } })).toEqual(["/one"]);
    expect(await names({ all: true, filters: { name: ["^/one$"] } })).toEqual(["/one"]);
  });

  it("waits for the end and gives the exit code and the last words", async () => {
    const { machine } = await testMachine(options);
    const container = await dockerOf(machine).createContainer({ Image: "tool:1", Cmd: ["fail"], Tty: true });
    const waiting = container.wait({ condition: "next-exit" });

    await container.start();

    expect(await waiting).toEqual({ StatusCode: 3 });
    expect((await container.logs({ stdout: true, stderr: true })).toString()).toBe("it went wrong\r\n");
  });

  it("frames the log of a container without a terminal", async () => {
    const { machine } = await testMachine(options);
    const container = await dockerOf(machine).createContainer({ Image: "tool:1", Cmd: ["fail"] });
    await container.start();
    await container.wait();

    const log = await container.logs({ stdout: true, stderr: true, tail: 1 });

    expect([...log.subarray(0, 8)]).toEqual([2, 0, 0, 0, 0, 0, 0, 14]);
    expect(log.subarray(8).toString()).toBe("it went wrong\n");
  });

  it("follows a log until the container ends", async () => {
    const { machine } = await testMachine(options);
    const container = await dockerOf(machine).createContainer({ ...sleeping, Tty: true });
    await container.start();
    const stream = await container.logs({ follow: true, stdout: true, stderr: true });
    const chunks: Buffer[] = [];

    machine.find("sleeper")?.log("still here");
    setImmediate(() => void container.stop());
    for await (const chunk of stream) chunks.push(chunk as Buffer);

    expect(Buffer.concat(chunks).toString()).toBe("still here\r\n");
  });

  it("renames, and finds by the new name", async () => {
    const { machine } = await testMachine(options);
    const container = await dockerOf(machine).createContainer(sleeping);

    await container.rename({ name: "old-sleeper" });

    expect(await dockerOf(machine).getContainer("old-sleeper").inspect()).toMatchObject({ Name: "/old-sleeper" });
  });

  it("copies files in and out through the binds", async () => {
    const { machine } = await testMachine(options);
    const HostConfig = { Binds: ["/etc/kubernetes:/etc/kubernetes"] };
    const container = await dockerOf(machine).createContainer({ ...sleeping, HostConfig });
    const { tar, untar } = await import("../../fleet/tar.ts");

    await container.putArchive(tar([{ name: "a.yaml", content: Buffer.from("x"), mode: 0o600 }]), {
      path: "/etc/kubernetes",
    });
    const chunks: Buffer[] = [];
    for await (const chunk of await container.getArchive({ path: "/etc/kubernetes/a.yaml" }))
      chunks.push(chunk as Buffer);

    expect(machine.disk.stat("/etc/kubernetes/a.yaml")).toMatchObject({ content: Buffer.from("x"), mode: 0o600 });
    expect(untar(Buffer.concat(chunks)).map(({ name }) => name)).toEqual(["a.yaml"]);
  });

  it.each([[{}], [{ hijack: true, stdin: true }]])("runs a program in a container by exec with %j", async (how) => {
    const { machine } = await testMachine(options);
    const container = await dockerOf(machine).createContainer({ ...sleeping, name: "home" });
    await container.start();
    const exec = await container.exec({ Cmd: ["fail"], AttachStdout: true, AttachStderr: true });

    const stream = await exec.start(how);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);

    expect(Buffer.concat(chunks).subarray(8).toString()).toBe("it went wrong\n");
    expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 3 });
  });

  it("keeps the volumes that a container was made with, whatever becomes of their source", async () => {
    const { machine } = await testMachine(options);
    const docker = dockerOf(machine);
    const source = await docker.createContainer({ ...sleeping, name: "source", HostConfig: { Binds: ["/srv:/data"] } });
    const container = await docker.createContainer({ ...sleeping, HostConfig: { VolumesFrom: ["source"] } });

    await source.remove();
    await container.start();
    machine.find("sleeper")?.files.write("/data/x", "");

    expect(machine.disk.list("/srv")).toEqual(["/srv/x"]);
  });

  it("does not make a container with the volumes of one that is not there", async () => {
    const { machine } = await testMachine(options);
    const HostConfig = { VolumesFrom: ["service-sidekick"] };

    await expect(dockerOf(machine).createContainer({ ...sleeping, HostConfig })).rejects.toMatchObject({
      statusCode: 400,
      json: { message: "No such container: service-sidekick" },
    });
  });

  it("makes nothing on a full disk", async () => {
    const { machine } = await testMachine(options);
    machine.disk.full = true;

    await expect(dockerOf(machine).createContainer(sleeping)).rejects.toMatchObject({
      statusCode: 500,
      json: { message: expect.stringContaining("no space left on device") },
    });
  });

  it("publishes ports, and says which one is taken", async () => {
    const { machine } = await testMachine({ images: ["alpine"] });
    machine.listen(2379, { owner: "somebody", accept: () => undefined });
    const HostConfig = { PortBindings: { "1337/tcp": [{ HostPort: "2379" }] } };
    const container = await dockerOf(machine).createContainer({
      Image: "alpine",
      Cmd: ["nc", "-kl", "-p", "1337"],
      HostConfig,
    });

    await expect(container.start()).rejects.toMatchObject({
      statusCode: 500,
      json: { message: expect.stringContaining("2379: bind: address already in use") },
    });
  });
});

describe("a pull", () => {
  const pull = async (
    docker: ReturnType<typeof dockerOf>,
    image: string,
    auth?: object,
  ): Promise<readonly object[]> => {
    const stream = await docker.pull(image, auth === undefined ? {} : { authconfig: auth });
    return new Promise((resolve, reject) =>
      docker.modem.followProgress(stream, (error, lines) => (error ? reject(error) : resolve(lines))),
    );
  };

  it("brings an image that was not there", async () => {
    const { machine } = await testMachine();

    await pull(dockerOf(machine), "rancher/rke-tools:v0.1.114");

    expect(await dockerOf(machine).getImage("rancher/rke-tools:v0.1.114").inspect()).toMatchObject({
      RepoTags: ["rancher/rke-tools:v0.1.114"],
      Config: { Cmd: ["/bin/bash"] },
    });
  });

  it.each([
    ["not found", { statusCode: 404, message: expect.stringContaining("manifest unknown") }],
    ["server error", { statusCode: 500 }],
    ["rate limited", { statusCode: 500, message: expect.stringContaining("toomanyrequests") }],
    ["denied", { statusCode: 404, message: expect.stringContaining("pull access denied") }],
  ] as const)("fails as planned: %s, as often as planned", async (failure, answer) => {
    const { fleet, machine } = await testMachine();
    fleet.faults.failPulls(failure, { what: /^a:1$/, times: 1 });

    await expect(pull(dockerOf(machine), "a:1")).rejects.toMatchObject(answer);
    await pull(dockerOf(machine), "a:1");

    expect([...machine.images.keys()]).toEqual(["a:1"]);
  });

  it("reports a failure inside a stream that began well", async () => {
    const { machine } = await testMachine();
    machine.disk.full = true;

    const lines = await pull(dockerOf(machine), "a:1");

    expect(lines.at(-1)).toMatchObject({ error: expect.stringContaining("no space left on device") });
  });

  it("asks for credentials where the registry does", async () => {
    const { machine } = await testMachine({ registries: { "reg.example:5000": { username: "u", password: "p" } } });
    const docker = dockerOf(machine);

    await expect(pull(docker, "reg.example:5000/a:1")).rejects.toMatchObject({ statusCode: 404 });
    await pull(docker, "reg.example:5000/a:1", { username: "u", password: "p" });

    expect([...machine.images.keys()]).toEqual(["reg.example:5000/a:1"]);
  });
});

describe("a restart policy", () => {
  it("brings back what failed, and counts", async () => {
    const { machine } = await testMachine(options);
    const HostConfig = { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 } };
    const container = await dockerOf(machine).createContainer({
      name: "failing",
      Image: "tool:1",
      Cmd: ["fail"],
      HostConfig,
    });
    await container.start();

    await machine.find("failing")?.until(() => machine.find("failing")?.status === "exited");

    expect(await container.inspect()).toMatchObject({ RestartCount: 2, State: { ExitCode: 3, Status: "exited" } });
  });

  it("leaves alone what a hand has stopped", async () => {
    const { machine } = await testMachine(options);
    const HostConfig = { RestartPolicy: { Name: "always" } };
    const container = await dockerOf(machine).createContainer({ ...sleeping, HostConfig });
    await container.start();

    await container.stop();

    expect(machine.find("sleeper")?.status).toBe("exited");
  });

  it("decides what comes back after a power cut", async () => {
    const { fleet, machine } = await testMachine(options);
    const docker = dockerOf(machine);
    for (const Name of ["no", "always", "unless-stopped"]) {
      const container = await docker.createContainer({
        ...sleeping,
        name: `with-${Name}`,
        HostConfig: { RestartPolicy: { Name } },
      });
      await container.start();
    }

    fleet.powerOff("node-1");
    fleet.powerOn("node-1");

    expect([...machine.containers.values()].map(({ name, isRunning }) => [name, isRunning])).toEqual([
      ["with-no", false],
      ["with-always", true],
      ["with-unless-stopped", true],
    ]);
  });
});

describe("Faults", () => {
  it("drops a connection once", async () => {
    const { fleet, machine } = await testMachine();
    fleet.faults.drop({ layer: "docker", what: /info/, times: 1 });

    await expect(dockerOf(machine).info()).rejects.toThrow(/hang up|ECONNRESET|aborted/);
    await expect(dockerOf(machine).info()).resolves.toMatchObject({ Name: "node-1" });
  });

  it("refuses and lies", async () => {
    const { fleet, machine } = await testMachine({ ...options });
    await dockerOf(machine).createContainer(sleeping);
    fleet.faults.refuse(500, "engine is tired", { what: /^GET \/info/ });
    fleet.faults.lie<{ Image: string }>({ what: /sleeper\/json/ }, (body) => ({ ...body, Image: "sha256:lie" }));

    await expect(dockerOf(machine).info()).rejects.toMatchObject({
      statusCode: 500,
      json: { message: "engine is tired" },
    });
    expect(await dockerOf(machine).getContainer("sleeper").inspect()).toMatchObject({ Image: "sha256:lie" });
  });

  it("kills the client after its n-th mutating call: the deed is done, the answer lost, nothing else gets through", async () => {
    const { fleet, machine } = await testMachine(options);
    const docker = dockerOf(machine);
    fleet.faults.dieAfter(2);

    const container = await docker.createContainer(sleeping);
    await expect(container.start()).rejects.toThrow();
    await expect(docker.info()).rejects.toThrow();
    fleet.revive();

    expect(machine.find("sleeper")?.isRunning).toBe(true);
    await expect(docker.info()).resolves.toMatchObject({ ContainersRunning: 1 });
  });

  it("ends a container some time after its start", async () => {
    const { fleet, machine } = await testMachine(options);
    fleet.faults.exitAfter("sleeper", 1, { code: 137 });
    const container = await dockerOf(machine).createContainer(sleeping);

    await container.start();

    expect(await container.wait()).toEqual({ StatusCode: 137 });
  });
});

describe("Trips", () => {
  it("counts requests with their beginning and end", async () => {
    const { fleet, machine } = await testMachine();

    await dockerOf(machine).info();

    expect(fleet.trips.count({ node: "node-1", layer: "docker" })).toBe(1);
    const [trip] = fleet.trips.all;
    expect(trip?.endedAt).toBeGreaterThanOrEqual(trip?.startedAt ?? Number.POSITIVE_INFINITY);
  });
});

describe("a machine", () => {
  it("refuses a connection to a port where nothing listens", async () => {
    const { machine } = await testMachine();

    await expect(ask(machine, "http://127.0.0.1:10248/healthz", { plain: true })).rejects.toThrow("refused");
  });
});
