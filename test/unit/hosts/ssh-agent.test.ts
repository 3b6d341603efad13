import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { describe, expect, it, onTestFinished } from "vitest";

import { connectSsh } from "../../../provider/hosts/ssh.ts";
import { sshKeyPair } from "../../fleet/ssh-server.ts";
import { aConnection, aServer } from "./a-machine.ts";

/** An SSH agent that holds some keys. */
async function anAgent(privateKeys: readonly string[]): Promise<string> {
  const keys = privateKeys.map((text) => {
    const key = ssh2.utils.parseKey(text);
    if (key instanceof Error) throw key;
    return key;
  });
  const agent = createServer((socket) => {
    const protocol = new ssh2.AgentProtocol(false);
    protocol.on("identities", (request) => protocol.getIdentitiesReply(request, keys));
    protocol.on("sign", (request, publicKey, data) => {
      const key = keys.find((held) => held.getPublicSSH().equals(publicKey.getPublicSSH()));
      const signature = key?.sign(data);
      if (signature === undefined || signature instanceof Error) protocol.failureReply(request);
      else protocol.signReply(request, signature);
    });
    socket.pipe(protocol).pipe(socket);
  });
  const folder = await mkdtemp(join(tmpdir(), "agent-"));
  const path = join(folder, "agent.sock");
  await new Promise<void>((resolve) => agent.listen(path, resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => agent.close(resolve));
    await rm(folder, { recursive: true });
  });
  return path;
}

describe("connectSsh() with an agent", () => {
  it("finds the right one among its keys", async () => {
    const [wrong, right] = [sshKeyPair(), sshKeyPair()];
    const server = await aServer({ authorizedKeys: [right.publicKey] });
    const agentSocketPath = await anAgent([wrong.privateKey, right.privateKey]);
    const { privateKey: _, ...connection } = aConnection(server, { agentSocketPath });

    const ssh = await connectSsh(connection, { machine: "node-1" });
    onTestFinished(() => ssh.close());

    expect(server.counts.handshakes).toBe(1);
  });

  it("comes after the key that the connection has", async () => {
    const server = await aServer({ authorizedKeys: [] });
    const agentSocketPath = await anAgent([sshKeyPair().privateKey]);

    const connecting = connectSsh(aConnection(server, { agentSocketPath }), { machine: "node-1" });

    await expect(connecting).rejects.toThrow(/with the key ssh-ed25519 SHA256:\S+, then the keys of the agent at /);
  });

  it("still lets the agent in when the key is refused", async () => {
    const held = sshKeyPair();
    const server = await aServer({ authorizedKeys: [held.publicKey] });
    const agentSocketPath = await anAgent([held.privateKey]);

    const ssh = await connectSsh(aConnection(server, { agentSocketPath }), { machine: "node-1" });
    onTestFinished(() => ssh.close());

    expect(server.counts.handshakes).toBe(1);
  });
});
