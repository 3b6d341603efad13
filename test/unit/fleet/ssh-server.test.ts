import { once } from "node:events";
import { connect } from "node:net";
import ssh2 from "ssh2";
import { describe, expect, it, onTestFinished } from "vitest";

import { forwardToPort, type SshServerOptions, sshKeyPair, sshServer } from "../../fleet/ssh-server.ts";

async function started(options: SshServerOptions = {}) {
  const server = await sshServer(options);
  onTestFinished(() => server.close());
  return server;
}

async function client(port: number, privateKey = sshKeyPair().privateKey): Promise<ssh2.Client> {
  const ssh = new ssh2.Client();
  onTestFinished(() => void ssh.destroy());
  ssh.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    ssh.once("ready", resolve).once("error", reject);
    ssh.connect({ host: "127.0.0.1", port, username: "root", privateKey, strictVendor: false });
  });
  return ssh;
}

function streamlocal(ssh: ssh2.Client, path: string): Promise<ssh2.ClientChannel> {
  return new Promise((resolve, reject) => {
    ssh.openssh_forwardOutStreamLocal(path, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

function tcp(ssh: ssh2.Client, host: string, port: number): Promise<ssh2.ClientChannel> {
  return new Promise((resolve, reject) => {
    ssh.forwardOut("127.0.0.1", 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

function exec(ssh: ssh2.Client, command: string): Promise<ssh2.ClientChannel> {
  return new Promise((resolve, reject) => {
    ssh.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** The exit code may come in the same packet as the channel, so it is listened for at once. */
function outcome(ssh: ssh2.Client, command: string): Promise<{ stdout: string; code: number }> {
  return new Promise((resolve, reject) => {
    ssh.exec(command, (error, channel) => {
      if (error) return reject(error);
      let stdout = "";
      channel.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      channel.stderr.resume();
      channel.on("close", (code: number) => resolve({ stdout, code }));
    });
  });
}

describe("sshServer()", () => {
  it("lets in whom it knows", async () => {
    const keys = sshKeyPair();
    const server = await started({ user: "root", authorizedKeys: [keys.publicKey] });

    await client(server.port, keys.privateKey);

    expect(server.counts).toMatchObject({ connections: 1, handshakes: 1, openConnections: 1 });
  });

  it("refuses a key that it does not know", async () => {
    const server = await started({ authorizedKeys: [sshKeyPair().publicKey] });

    await expect(client(server.port)).rejects.toThrow("All configured authentication methods failed");
  });

  it("refuses a user that it does not know", async () => {
    const server = await started({ user: "ubuntu" });

    await expect(client(server.port)).rejects.toThrow("All configured authentication methods failed");
  });

  it("answers a command with output and an exit code", async () => {
    const server = await started({ exec: (command) => ({ stdout: `ran ${command}`, stderr: "oh", code: 3 }) });

    const end = await outcome(await client(server.port), "uname");

    expect(end).toEqual({ stdout: "ran uname", code: 3 });
  });

  it("hands a Unix socket's channel to its handler", async () => {
    const server = await started({ streamlocal: (path) => (stream) => stream.end(`this is ${path}`) });
    const channel = await streamlocal(await client(server.port), "/var/run/docker.sock");

    const [output] = (await once(channel, "data")) as [Buffer];

    expect(output.toString()).toBe("this is /var/run/docker.sock");
  });

  it.each([
    ["prohibited", 1, "administratively prohibited"],
    ["failed", 2, "Connection refused"],
  ] as const)("says %s with the number that sshd sends", async (refuse, reason, text) => {
    const server = await started({ directTcpip: () => ({ refuse, text }) });
    const ssh = await client(server.port);

    const opening = tcp(ssh, "10.0.0.1", 6443);

    await expect(opening).rejects.toMatchObject({ reason, message: `(SSH) Channel open failure: ${text}` });
  });

  it("is a bastion when its handler forwards to a port", async () => {
    const inner = await started({ exec: () => ({ stdout: "inside" }) });
    const bastion = await started({ directTcpip: () => forwardToPort(inner.port) });
    const sock = await tcp(await client(bastion.port), "10.0.0.1", 22);
    const ssh = new ssh2.Client();

    ssh.connect({ sock, username: "root", privateKey: sshKeyPair().privateKey });
    await once(ssh, "ready");

    expect(inner.counts.handshakes).toBe(1);
  });

  it("runs no more commands at once than maxSessions", async () => {
    const server = await started({ maxSessions: 1, exec: () => () => undefined });
    const ssh = await client(server.port);
    await exec(ssh, "sleep");

    await expect(exec(ssh, "sleep")).rejects.toMatchObject({ reason: 2 });
  });

  it("counts the channels that are open at once", async () => {
    const server = await started({ streamlocal: () => () => undefined });
    const ssh = await client(server.port);

    const [first] = await Promise.all([streamlocal(ssh, "/a"), streamlocal(ssh, "/b")]);
    first.resume().destroy();
    await once(first, "close");

    expect(server.counts).toMatchObject({ mostOpenChannels: 2, streamlocals: 2, openChannels: 1 });
  });

  it("cuts all connections on drop()", async () => {
    const server = await started();
    const ssh = await client(server.port);
    const closed = new Promise<string>((resolve) => ssh.once("close", () => resolve("closed")));

    server.drop();

    await expect(closed).resolves.toBe("closed");
  });

  it("says nothing at all when told to hang", async () => {
    const server = await started();
    server.faults.onConnect = "hang";
    const socket = connect(server.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());

    await once(socket, "connect");

    expect(socket.bytesRead).toBe(0);
  });

  it("keeps the order of what it delays", async () => {
    const server = await started({ exec: () => ({ stdout: "far" }) });
    server.faults.latencyMs = 5;

    const end = await outcome(await client(server.port), "x");

    expect(end.stdout).toBe("far");
  });
});
