import { describe, expect, it, onTestFinished, vi } from "vitest";

import type { ExecAnswer } from "../../fleet/ssh-server.ts";
import { aHost, anEngine, answering, aServer } from "./a-machine.ts";

const info = () => ({ json: { ServerVersion: "27.5.1" } });

describe("dockerTunnel()", () => {
  it("carries a hundred calls at once over one SSH connection and few channels", async () => {
    const { engine } = anEngine(info);
    const server = await aServer({ streamlocal: () => engine });
    const docker = aHost(server).docker();

    const answers = await Promise.all(Array.from({ length: 100 }, () => docker.info()));

    expect(answers).toHaveLength(100);
    expect(server.counts.connections).toBe(1);
    expect(server.counts.mostOpenChannels).toBeLessThanOrEqual(24);
  });

  it("uses one channel again for calls that follow each other", async () => {
    const { engine } = anEngine(info);
    const server = await aServer({ streamlocal: () => engine });
    const docker = aHost(server).docker();

    await docker.info();
    await docker.info();

    expect(server.counts.streamlocals).toBe(1);
  });

  it("reaches the first answer in few round trips", async () => {
    const { engine } = anEngine(info);
    const server = await aServer({ streamlocal: () => engine });

    await aHost(server).docker().info();

    expect(server.counts.turns).toBeLessThanOrEqual(8);
  });

  it("does not listen to the settings of the docker command", async () => {
    vi.stubEnv("DOCKER_HOST", "tcp://elsewhere.invalid:2375");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { engine, seen } = anEngine(info);
    const server = await aServer({ streamlocal: () => engine });

    await aHost(server).docker().info();

    expect(seen).toHaveLength(1);
  });

  it("goes through the socket that the connection names", async () => {
    const { engine } = anEngine(info);
    const paths: string[] = [];
    const server = await aServer({
      streamlocal: (path) => {
        paths.push(path);
        return engine;
      },
    });

    await aHost(server, { dockerSocketPath: "/run/other.sock" }).docker().info();

    expect(paths).toEqual(["/run/other.sock"]);
  });

  it("falls back to Docker's own command where sshd does not forward, and remembers it", async () => {
    const { engine } = anEngine(info);
    const commands: string[] = [];
    const server = await aServer({
      exec: (command) => {
        commands.push(command);
        return engine;
      },
    });
    const docker = aHost(server).docker();

    await Promise.all(Array.from({ length: 30 }, () => docker.info()));

    expect(new Set(commands)).toEqual(new Set(["docker system dial-stdio"]));
    expect(server.counts).toMatchObject({ connections: 1, streamlocals: 1 });
    expect(server.counts.mostOpenChannels).toBeLessThanOrEqual(7);
  });

  it("tells Docker's command about another socket, quoted for the shell", async () => {
    const { engine } = anEngine(info);
    const commands: string[] = [];
    const server = await aServer({
      exec: (command) => {
        commands.push(command);
        return engine;
      },
    });

    await aHost(server, { dockerSocketPath: "/run/my docker.sock" }).docker().info();

    expect(commands).toEqual(["docker -H 'unix:///run/my docker.sock' system dial-stdio"]);
  });

  it.each<[string, ExecAnswer]>([
    [
      "permission denied",
      { stderr: "permission denied while trying to connect to the Docker daemon socket\n", code: 1 },
    ],
    [
      "no daemon",
      { stderr: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?\n", code: 1 },
    ],
    ["no docker command", { stderr: "sh: 1: docker: not found\n", code: 127 }],
    ["a command that says nothing", { code: 2 }],
  ])("explains %s", async (_case, answer) => {
    const server = await aServer({ streamlocal: () => ({ refuse: "failed" }), exec: () => answer });

    const calling = aHost(server).docker().info();

    await expect(calling).rejects.toThrowErrorMatchingSnapshot();
  });

  it("does not give up forwarding for good when the socket is gone for a moment", async () => {
    const engine = answering((_request, response) => {
      response.setHeader("Connection", "close");
      response.end('{"Version":"27.5.1","ApiVersion":"1.47"}');
    });
    let there = true;
    const server = await aServer({
      streamlocal: () => (there ? engine : { refuse: "failed" }),
      exec: () => ({ stderr: "Cannot connect to the Docker daemon", code: 1 }),
    });
    const docker = aHost(server).docker();
    await docker.info();
    there = false;
    await expect(docker.info()).rejects.toMatchObject({ code: "docker", transient: true });
    there = true;

    const info = await docker.info();

    expect(info).toBeDefined();
    expect(server.counts).toMatchObject({ streamlocals: 4, sessions: 1 });
  });
});
