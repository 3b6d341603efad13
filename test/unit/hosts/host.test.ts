import { describe, expect, it } from "vitest";

import { Host } from "../../../provider/hosts/host.ts";
import { aConnection, aHost, anEngine, answering, aPool, aServer } from "./a-machine.ts";

describe("Host", () => {
  it("opens nothing before something is asked of it", async () => {
    const server = await aServer();

    aHost(server).docker();

    expect(server.counts.connections).toBe(0);
  });

  it("returns the host key, to be pinned", async () => {
    const server = await aServer();

    expect(await aHost(server).open()).toMatchObject({ key: server.hostKey });
  });

  it("does everything over one SSH connection", async () => {
    const { engine } = anEngine(() => ({ json: {} }));
    const server = await aServer({
      streamlocal: () => engine,
      directTcpip: () => answering((_request, response) => void response.end("ok")),
      exec: () => ({ stdout: "Linux" }),
    });
    const host = aHost(server);

    await Promise.all([
      host.docker().info(),
      host.fetch({ port: 10248, path: "/healthz" }),
      host.exec("uname"),
      host.open(),
    ]);

    expect(server.counts).toMatchObject({ connections: 1, handshakes: 1 });
  });

  it("fetches a page from a port that only the machine sees", async () => {
    const asked: string[] = [];
    const server = await aServer({
      directTcpip: (host, port) => {
        asked.push(`${host}:${port}`);
        return answering(({ url }, response) => void response.writeHead(503).end(`sick at ${url}`));
      },
    });

    const answer = await aHost(server).fetch({ port: 10248, path: "/healthz" });

    expect(answer).toEqual({ status: 503, body: "sick at /healthz" });
    expect(asked).toEqual(["127.0.0.1:10248"]);
  });

  it("calls a page that breaks off passing", async () => {
    const server = await aServer({ directTcpip: () => (stream) => stream.destroy() });

    const fetching = aHost(server).fetch({ port: 10248, path: "/healthz" });

    await expect(fetching).rejects.toMatchObject({
      code: "ssh",
      transient: true,
      detail: { node: "node-1 (127.0.0.1)" },
    });
  });

  it("runs a command", async () => {
    const server = await aServer({ exec: (command) => ({ stdout: command, stderr: "oh", code: 4 }) });

    expect(await aHost(server).exec("uname -r")).toEqual({ stdout: "uname -r", stderr: "oh", code: 4 });
  });

  it("stops a command when the signal says so", async () => {
    const stop = new AbortController();
    const server = await aServer({
      exec: () => () => stop.abort(new Error("enough")),
    });

    await expect(aHost(server).exec("sleep 1000", { signal: stop.signal })).rejects.toThrow("enough");
  });

  it("is named by name and address, or by the address alone", () => {
    const connection = aConnection({ port: 22 });
    const pool = aPool();

    const machines = ["node-1", "127.0.0.1"].map((name) => new Host({ name, connection, pool }).machine);

    expect(machines).toEqual(["node-1 (127.0.0.1)", "127.0.0.1"]);
  });

  it("leaves nothing open after close()", async () => {
    const { engine } = anEngine(() => ({ json: {} }));
    const server = await aServer({ streamlocal: () => engine });
    const pool = aPool();
    const host = new Host({ name: "node-1", connection: aConnection(server), pool });
    await host.docker().info();

    host.close();
    await pool.close();

    await expect.poll(() => server.counts).toMatchObject({ openConnections: 0, openChannels: 0 });
  });
});
