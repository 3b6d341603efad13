import { once } from "node:events";
import type { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";

import { connectSsh } from "../../../provider/hosts/ssh.ts";
import type { Opening, SshConnection } from "../../../provider/hosts/ssh-connection.ts";
import type { SshServerOptions } from "../../fleet/ssh-server.ts";
import { aConnection, aServer } from "./a-machine.ts";

async function connected(options: SshServerOptions) {
  const server = await aServer(options);
  const ssh = await connectSsh(aConnection(server), { machine: "node-1 (10.0.0.1)" });
  onTestFinished(() => ssh.close());
  return { server, ssh };
}

async function output(ssh: SshConnection, command: string) {
  const { stream, ended } = await ssh.run(command);
  const chunks = await stream.end().toArray();
  return { stdout: Buffer.concat(chunks).toString(), ...(await ended) };
}

function opened(opening: Opening): Duplex {
  if (opening.status === "refused") throw new Error(opening.text);
  return opening.stream;
}

describe("SshConnection", () => {
  it("runs a command and tells its output, its errors and its exit code", async () => {
    const { ssh } = await connected({ exec: () => ({ stdout: "out", stderr: "oh\n", code: 3 }) });

    expect(await output(ssh, "uname")).toEqual({ stdout: "out", stderr: "oh", code: 3 });
  });

  it("waits for a free session when many commands run", async () => {
    const { ssh, server } = await connected({ exec: (command) => ({ stdout: command }) });

    const outputs = await Promise.all(Array.from({ length: 40 }, (_, index) => output(ssh, `echo ${index}`)));

    expect(outputs.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 40 }, (_, index) => `echo ${index}`));
    expect(server.counts.mostOpenChannels).toBeLessThanOrEqual(8);
  });

  it("gives the session back when a command is stopped while it waits to start", async () => {
    const { ssh } = await connected({ maxSessions: 1, exec: () => ({ stdout: "ran" }) });
    const stop = AbortSignal.abort(new Error("enough"));

    await expect(ssh.run("uname", { signal: stop })).rejects.toThrow("enough");

    expect(await output(ssh, "uname")).toMatchObject({ stdout: "ran" });
  });

  it("says that sshd opened no session", async () => {
    const { ssh } = await connected({ maxSessions: 0 });

    await expect(ssh.run("uname")).rejects.toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot run "uname" on node-1 (10.0.0.1): sshd opened no session ("open failed")
        Check MaxSessions in the sshd_config of the machine, and that the user may run commands]
    `);
  });

  it.each([
    ["prohibited", true],
    ["failed", false],
  ] as const)("takes a forward that sshd %s as an answer", async (refuse, prohibited) => {
    const { ssh } = await connected({ directTcpip: () => ({ refuse, text: "no" }) });

    expect(await ssh.openTcp("127.0.0.1", 2379)).toEqual({ status: "refused", prohibited, text: "no" });
  });

  it("closes a channel that opens after nobody wants it any more", async () => {
    const stop = new AbortController();
    const { ssh, server } = await connected({
      directTcpip: () => (stream) => {
        stop.abort(new Error("enough"));
        stream.resume();
      },
    });

    await expect(ssh.openTcp("127.0.0.1", 2379, { signal: stop.signal })).rejects.toThrow("enough");
    await ssh.openTcp("127.0.0.1", 2379);

    await expect.poll(() => server.counts.openChannels).toBe(1);
  });

  it("breaks its channels with the reason when it is lost", async () => {
    const { ssh, server } = await connected({ directTcpip: () => () => undefined });
    const stream = opened(await ssh.openTcp("127.0.0.1", 2379));
    const failed = new Promise((resolve) => stream.once("error", resolve));

    server.drop();

    expect(await failed).toMatchObject({ code: "ssh", transient: true });
  });

  it("opens nothing more after a loss", async () => {
    const { ssh, server } = await connected({ directTcpip: () => () => undefined });
    const lost = once(ssh.gone, "abort");
    server.drop();
    await lost;

    await expect(ssh.openTcp("127.0.0.1", 2379)).rejects.toMatchObject({ code: "ssh", transient: true });
  });

  it("gives up on a server that does not answer keep-alives", async () => {
    const server = await aServer();
    const ssh = await connectSsh(aConnection(server), { machine: "node-1 (10.0.0.1)", keepAliveMs: 10 });
    const lost = once(ssh.gone, "abort");

    server.freeze();
    await lost;

    expect(ssh.gone.reason).toMatchObject({ code: "ssh", message: expect.stringContaining("Keepalive timeout") });
  });

  it("closes though the server is silent", async () => {
    const server = await aServer();
    const ssh = await connectSsh(aConnection(server), { machine: "node-1 (10.0.0.1)" });
    server.freeze();

    await ssh.close();

    expect(ssh.gone.aborted).toBe(true);
  });
});
