import { Agent } from "node:http";
import type { Duplex } from "node:stream";

import Docker from "dockerode";
import ssh2 from "ssh2";
import { describe, expect, it, onTestFinished } from "vitest";

import { asSocket } from "../../../provider/hosts/as-socket.ts";
import type { FleetNode } from "../../fleet/fleet.ts";
import { testFleet } from "./clients.ts";

async function connect(node: FleetNode): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  onTestFinished(() => void client.end());
  await new Promise<void>((resolve, reject) => {
    client.on("ready", () => resolve()).on("error", reject);
    client.connect({ host: node.host, port: node.port, username: node.user, privateKey: node.privateKey });
  });
  return client;
}

/** A stock dockerode over a stock SSH connection, as the product does it. */
function dockerThrough(client: ssh2.Client): Docker {
  const agent = Object.assign(new Agent(), {
    createConnection(_options: unknown, done: (error: Error | null, socket?: Duplex) => void) {
      client.openssh_forwardOutStreamLocal("/var/run/docker.sock", (error, channel) =>
        error === undefined ? done(null, asSocket(channel)) : done(error),
      );
    },
  });
  return new Docker({ agent, host: "docker", port: 80, protocol: "http" } as never);
}

const run = (client: ssh2.Client, command: string): Promise<{ readonly code: number; readonly stdout: string }> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) return reject(error);
      let stdout = "";
      channel.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      channel.on("close", (code: number) => resolve({ code, stdout }));
      return undefined;
    });
  });

describe("aFleet()", () => {
  it("is reached by SSH, with a host key of its own for each machine", async () => {
    const { nodes } = await testFleet({ nodes: 2 });

    const infos = await Promise.all(nodes.map(async (node) => dockerThrough(await connect(node)).info()));

    expect(infos.map(({ Name }) => Name)).toEqual(["node-1", "node-2"]);
    expect(new Set(nodes.map(({ hostKey }) => hostKey)).size).toBe(2);
  });

  it("answers a few commands, and none that it does not know", async () => {
    const { node } = await testFleet({ nodes: [{ name: "a", hostname: "alpha", clockOffsetMs: 1e9 }] });
    const client = await connect(node("a"));

    expect(await run(client, "hostname")).toEqual({ code: 0, stdout: "alpha\n" });
    expect(Number((await run(client, "date +%s")).stdout) * 1000).toBeGreaterThan(Date.now() + 9e8);
    expect((await run(client, "rm -rf /")).code).toBe(127);
  });

  it("refuses a tunnel to a port where nothing listens", async () => {
    const { node } = await testFleet({ nodes: 1 });
    const client = await connect(node("node-1"));

    const opened = new Promise((resolve, reject) => {
      client.forwardOut("127.0.0.1", 0, "127.0.0.1", 6443, (error, channel) =>
        error ? reject(error) : resolve(channel),
      );
    });

    await expect(opened).rejects.toThrow("Connection refused");
  });

  it("lets nobody in after the client has died, and everybody after the revival", async () => {
    const fleet = await testFleet({ nodes: 1, images: ["tool:1"] });
    const node = fleet.node("node-1");
    const first = await connect(node);
    const closed = new Promise<void>((resolve) => first.on("close", resolve).on("error", () => undefined));
    fleet.faults.dieAfter(1);

    await expect(dockerThrough(first).createContainer({ Image: "tool:1" })).rejects.toThrow();
    await closed;
    await expect(connect(node)).rejects.toThrow();
    fleet.revive();

    expect(await dockerThrough(await connect(node)).listContainers({ all: true })).toHaveLength(1);
  });

  it("cuts connections with the power, and is back with it", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const node = fleet.node("node-1");
    const first = await connect(node);
    const closed = new Promise<void>((resolve) => first.on("close", resolve).on("error", () => undefined));

    fleet.powerOff("node-1");
    await closed;
    fleet.powerOn("node-1");

    expect((await dockerThrough(await connect(node)).info()).Name).toBe("node-1");
  });

  it("holds five hundred machines in little memory", async () => {
    const before = process.memoryUsage().rss;

    const { nodes } = await testFleet({ nodes: 500 });

    expect(nodes).toHaveLength(500);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(400);
  });

  it("takes real time for a round trip", async () => {
    const fleet = await testFleet({ nodes: 1 });
    fleet.latency(20);
    const docker = dockerThrough(await connect(fleet.node("node-1")));
    const before = performance.now();

    await docker.info();

    expect(performance.now() - before).toBeGreaterThan(19);
  });

  it("counts channels and requests", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const docker = dockerThrough(await connect(fleet.node("node-1")));

    await docker.info();

    expect(fleet.trips.all.map(({ layer, what }) => `${layer} ${what}`)).toEqual([
      "ssh streamlocal /var/run/docker.sock",
      "docker GET /info",
    ]);
  });

  it("tells the machine by a name that exists", async () => {
    const { node } = await testFleet({ nodes: 1 });

    expect(() => node("node-7")).toThrow("The fleet has no node-7");
  });
});
