import { describe, expect, it } from "vitest";

import type { Connection } from "../../../provider/hosts/connection.ts";
import { Secret } from "../../../provider/secrets.ts";
import { forwardToPort, sshKeyPair } from "../../fleet/ssh-server.ts";
import { aConnection, aPool, aServer, KEYS } from "./a-machine.ts";

const MACHINE = { machine: "node-1 (10.0.0.1)" };

describe("Pool", () => {
  it("opens nothing before something is asked", async () => {
    const server = await aServer();

    aPool();

    expect(server.counts.connections).toBe(0);
  });

  it("shares one handshake between callers that come at once", async () => {
    const server = await aServer();
    const pool = aPool();

    const all = await Promise.all(Array.from({ length: 20 }, () => pool.connect(aConnection(server), MACHINE)));

    expect(new Set(all).size).toBe(1);
    expect(server.counts.connections).toBe(1);
  });

  it("makes another connection for other credentials", async () => {
    const other = sshKeyPair();
    const server = await aServer({ authorizedKeys: [KEYS.publicKey, other.publicKey] });
    const pool = aPool();

    await pool.connect(aConnection(server), MACHINE);
    await pool.connect(aConnection(server, { privateKey: new Secret(other.privateKey) }), MACHINE);

    expect(server.counts.handshakes).toBe(2);
  });

  it("goes on for the others when the first caller gives up", async () => {
    const server = await aServer();
    const pool = aPool();
    const stop = new AbortController();
    const first = pool.connect(aConnection(server), { ...MACHINE, signal: stop.signal });
    const second = pool.connect(aConnection(server), MACHINE);

    stop.abort(new Error("enough"));

    await expect(first).rejects.toThrow("enough");
    expect((await second).gone.aborted).toBe(false);
  });

  it("tries again after a failure", async () => {
    const server = await aServer();
    const pool = aPool();
    server.faults.onConnect = "close";
    await expect(pool.connect(aConnection(server), MACHINE)).rejects.toMatchObject({ code: "ssh", transient: true });
    server.faults.onConnect = "accept";

    const ssh = await pool.connect(aConnection(server), MACHINE);

    expect(ssh.gone.aborted).toBe(false);
  });

  it("connects again after a loss", async () => {
    const server = await aServer();
    const pool = aPool();
    const first = await pool.connect(aConnection(server), MACHINE);
    const lost = new Promise((resolve) => first.gone.addEventListener("abort", resolve));

    server.drop();
    await lost;
    const second = await pool.connect(aConnection(server), MACHINE);

    expect(second).not.toBe(first);
    expect(first.gone.reason).toMatchObject({ code: "ssh", transient: true });
  });

  it("refuses another host key after a loss, though none was pinned", async () => {
    const first = await aServer();
    const pool = aPool();
    const ssh = await pool.connect(aConnection(first), MACHINE);
    const lost = new Promise((resolve) => ssh.gone.addEventListener("abort", resolve));
    await first.close();
    await lost;
    const impostor = await aServer({ port: first.port });

    const again = pool.connect(aConnection(impostor), MACHINE);

    await expect(again).rejects.toThrow("shows the host key");
  });

  it("goes through a bastion, with one connection to it for all machines behind", async () => {
    const machines = await Promise.all([aServer(), aServer(), aServer()]);
    const bastion = await aServer({ directTcpip: (_host, port) => forwardToPort(port) });
    const pool = aPool();
    const behind = machines.map((machine) => aConnection(machine, { host: "10.0.0.9", proxy: aConnection(bastion) }));

    await Promise.all(behind.map((connection) => pool.connect(connection, MACHINE)));

    expect(bastion.counts).toMatchObject({ connections: 1, directTcpips: 3 });
    expect(machines.map((machine) => machine.counts.handshakes)).toEqual([1, 1, 1]);
  });

  it("lets no more handshakes through a bastion at once than it should", async () => {
    const machines = await Promise.all(Array.from({ length: 6 }, () => aServer()));
    let underWay = 0;
    let most = 0;
    const bastion = await aServer({
      directTcpip: (_host, port) => {
        most = Math.max(most, ++underWay);
        return forwardToPort(port);
      },
    });
    const pool = aPool({ handshakesPerBastion: 2 });
    const connect = async (connection: Connection) => {
      await pool.connect(connection, MACHINE);
      underWay--;
    };

    await Promise.all(machines.map((machine) => connect(aConnection(machine, { proxy: aConnection(bastion) }))));

    expect(most).toBe(2);
  });

  it.each([
    ["prohibited", "administratively prohibited"],
    ["failed", "Connection refused"],
  ] as const)("says what the bastion said when it %s to forward", async (refuse, text) => {
    const bastion = await aServer({ directTcpip: () => ({ refuse, text }) });
    const connection = { ...aConnection({ port: 22 }), host: "10.0.0.1", proxy: aConnection(bastion) };

    const connecting = aPool().connect(connection, MACHINE);

    await expect(connecting).rejects.toThrowErrorMatchingSnapshot();
  });

  it("names the bastion when it is the bastion that fails", async () => {
    const bastion = await aServer({ authorizedKeys: [sshKeyPair().publicKey] });

    const connecting = aPool().connect(aConnection({ port: 22 }, { proxy: aConnection(bastion) }), MACHINE);

    await expect(connecting).rejects.toMatchObject({ detail: { node: "bastion (127.0.0.1)" } });
  });

  it("closes every connection and then refuses new ones", async () => {
    const server = await aServer();
    const pool = aPool();
    const ssh = await pool.connect(aConnection(server), MACHINE);

    await pool.close();

    expect(ssh.gone.reason).toMatchObject({ code: "cancelled" });
    await expect(pool.connect(aConnection(server), MACHINE)).rejects.toMatchObject({ code: "cancelled" });
  });

  it("ends a handshake that is under way when it closes", async () => {
    const server = await aServer();
    server.faults.onConnect = "hang";
    const pool = aPool();
    const connecting = pool.connect(aConnection(server), MACHINE);

    await Promise.all([expect(connecting).rejects.toMatchObject({ code: "cancelled" }), pool.close()]);

    expect(server.counts.handshakes).toBe(0);
  });
});
