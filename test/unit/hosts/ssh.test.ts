import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";

import type { Connection } from "../../../provider/hosts/connection.ts";
import { connectSsh } from "../../../provider/hosts/ssh.ts";
import type { SshConnection } from "../../../provider/hosts/ssh-connection.ts";
import { Secret } from "../../../provider/secrets.ts";
import { issueCertificate } from "../../fleet/ssh-certificate.ts";
import { sshKeyPair } from "../../fleet/ssh-server.ts";
import { aConnection, aServer, KEYS } from "./a-machine.ts";

const MACHINE = "node-1 (10.0.0.1)";

async function connected(connection: Connection, options: { signal?: AbortSignal } = {}): Promise<SshConnection> {
  const ssh = await connectSsh(connection, { machine: MACHINE, handshakeTimeoutMs: 200, ...options });
  onTestFinished(() => ssh.close());
  return ssh;
}

/** The words of a failure, with what differs from run to run made equal. */
async function words(connection: Connection): Promise<string> {
  const error: unknown = await connected(connection).then(
    () => new Error("it connected"),
    (reason: unknown) => reason,
  );
  return (error as Error).message
    .replaceAll(String(connection.port), "<port>")
    .replace(/SHA256:\S{43}/g, "SHA256:<fingerprint>");
}

describe("connectSsh()", () => {
  it("returns the host key that it saw on first contact", async () => {
    const server = await aServer();

    const ssh = await connected(aConnection(server));

    expect(ssh.hostKey).toEqual({
      key: server.hostKey,
      fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
    });
  });

  it("accepts the pinned key, as a key and as a fingerprint", async () => {
    const server = await aServer();
    const { fingerprint } = (await connected(aConnection(server))).hostKey;

    const byKey = await connected(aConnection(server, { hostKey: server.hostKey }));
    const byFingerprint = await connected(aConnection(server, { hostKey: fingerprint }));

    expect([byKey.hostKey.fingerprint, byFingerprint.hostKey.fingerprint]).toEqual([fingerprint, fingerprint]);
  });

  it("refuses another host key before it offers any credentials", async () => {
    const server = await aServer();

    const said = await words(aConnection(server, { hostKey: sshKeyPair().publicKey }));

    expect(said).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): it shows the host key SHA256:<fingerprint> and SHA256:<fingerprint> was expected
        Somebody may be listening in. If the machine was reinstalled, compare the key on its console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and set it as the hostKey of this connection"
    `);
    expect(server.counts.handshakes).toBe(0);
  });

  it("opens a key that has a passphrase", async () => {
    const locked = sshKeyPair({ passphrase: "open sesame" });
    const server = await aServer({ authorizedKeys: [locked.publicKey] });
    const privateKey = new Secret(locked.privateKey);

    const ssh = await connected(aConnection(server, { privateKey, privateKeyPassphrase: new Secret("open sesame") }));

    expect(ssh.user).toBe("root");
  });

  it.each([
    ["ed25519", () => generateKeyPairSync("ed25519")],
    ["ec", () => generateKeyPairSync("ec", { namedCurve: "P-256" })],
    ["rsa", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ])("logs in with a PKCS#8 key of type %s", async (_type, pair) => {
    const pem = pair().privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const server = await aServer({ authorizedKeys: [await publicLineOf(pem)] });

    const ssh = await connected(aConnection(server, { privateKey: new Secret(pem) }));

    expect(ssh.user).toBe("root");
  });

  it("logs in with a certificate", async () => {
    const authority = sshKeyPair();
    const server = await aServer({ authorizedKeys: [], certificateAuthorities: [authority.publicKey] });
    const certificate = issueCertificate({ authority: authority.privateKey, publicKey: KEYS.publicKey });

    const ssh = await connected(aConnection(server, { certificate }));

    expect(ssh.user).toBe("root");
  });

  it("names a certificate that is refused, and until when it is valid", async () => {
    const server = await aServer({ authorizedKeys: [], certificateAuthorities: [sshKeyPair().publicKey] });
    const certificate = issueCertificate({
      authority: sshKeyPair().privateKey,
      publicKey: KEYS.publicKey,
      keyId: "alice",
      validBefore: new Date("2026-01-02T03:04:05Z"),
    });

    expect(await words(aConnection(server, { certificate }))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): user "root" was refused with the certificate "alice", valid until 2026-01-02T03:04:05.000Z, then the key ssh-ed25519 SHA256:<fingerprint> (the server takes publickey)
        Check the user name, and that the public key is in ~root/.ssh/authorized_keys on the machine"
    `);
  });

  it.each([
    ["for another key", { publicKey: sshKeyPair().publicKey }],
    ["for hosts", { publicKey: KEYS.publicKey, type: 2 }],
  ])("refuses a certificate %s", async (_case, options) => {
    const server = await aServer();
    const certificate = issueCertificate({ authority: KEYS.privateKey, ...options });

    expect(await words(aConnection(server, { certificate }))).toMatchSnapshot();
  });

  it("refuses a plain public key in place of a certificate", async () => {
    const server = await aServer();

    expect(await words(aConnection(server, { certificate: KEYS.publicKey }))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): the certificate cannot be used: "ssh-ed25519" is not a kind of OpenSSH user certificate
        Give the line of the …-cert.pub file that was issued for this private key, together with the key"
    `);
  });

  it("says that a name does not resolve", async () => {
    const said = await words({ ...aConnection({ port: 22 }), host: "no-such-machine.invalid" });

    expect(said.replace("EAI_AGAIN", "ENOTFOUND")).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): the name "no-such-machine.invalid" does not resolve (ENOTFOUND)
        Check the address of the node, and the name server of the machine that runs Pulumi"
    `);
  });

  it("says that nothing listens", async () => {
    const server = await aServer();
    await server.close();

    expect(await words(aConnection(server))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): nothing listens on port <port> (ECONNREFUSED)
        Check that sshd runs there and that the port is right; a machine that is just starting needs a moment"
    `);
  });

  it("says that nobody greeted", async () => {
    const server = await aServer();
    server.faults.onConnect = "hang";

    expect(await words(aConnection(server))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): port <port> is open, but no SSH server greeted within 0.2 s
        Check the load of the machine and that sshd listens on this port"
    `);
  });

  it("says that the connection was closed before the handshake", async () => {
    const server = await aServer();
    server.faults.onConnect = "close";

    expect(await words(aConnection(server))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): port <port> closed the connection before the SSH handshake was done
        sshd does so when too many connections start at once (MaxStartups) or when it has banned this address"
    `);
  });

  it("quotes what is not SSH", async () => {
    const server = await aServer();
    server.faults.onConnect = "babble";

    expect(await words(aConnection(server))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): port <port> does not speak SSH, it says "HTTP/1.1 400 Bad Request"
        Check the port"
    `);
  });

  it("says that no algorithm is shared", async () => {
    const server = await aServer({ kex: ["diffie-hellman-group1-sha1"] });

    expect(await words(aConnection(server))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): the two sides share no algorithm: "Handshake failed: no matching key exchange algorithm"
        Update sshd, or allow a current algorithm in its sshd_config (KexAlgorithms, Ciphers, HostKeyAlgorithms)"
    `);
  });

  it("says which keys were refused and what the server takes", async () => {
    const server = await aServer({ authorizedKeys: [sshKeyPair().publicKey] });

    expect(await words(aConnection(server))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): user "root" was refused with the key ssh-ed25519 SHA256:<fingerprint> (the server takes publickey)
        Check the user name, and that the public key is in ~root/.ssh/authorized_keys on the machine"
    `);
  });

  it("says that an agent does not answer", async () => {
    const server = await aServer();
    const { privateKey: _, ...rest } = aConnection(server);

    expect(await words({ ...rest, agentSocketPath: "/nowhere/agent.sock" })).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): the SSH agent at /nowhere/agent.sock does not answer ("Failed to connect to agent")
        Check that an agent runs where Pulumi runs and holds a key (ssh-add -l), and that agentSocketPath is its socket"
    `);
  });

  it("says that there is nothing to log in with", async () => {
    const server = await aServer();
    const { privateKey: _, ...rest } = aConnection(server);

    expect(await words(rest)).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): there is nothing to log in with as "root"
        Set privateKey, or agentSocketPath to the socket of a running SSH agent"
    `);
  });

  it("says that a passphrase is missing", async () => {
    const server = await aServer();
    const privateKey = new Secret(sshKeyPair({ passphrase: "open sesame" }).privateKey);

    expect(await words(aConnection(server, { privateKey }))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): the private key is locked by a passphrase and none is given
        Set the passphrase, or use an SSH agent"
    `);
  });

  it("says that a passphrase is wrong", async () => {
    const server = await aServer();
    const privateKey = new Secret(sshKeyPair({ passphrase: "open sesame" }).privateKey);
    const connection = aConnection(server, { privateKey, privateKeyPassphrase: new Secret("knock knock") });

    expect(await words(connection)).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): the private key cannot be read: "OpenSSH key integrity check failed -- bad passphrase?"
        Check the passphrase, and that privateKey is the text of the key (PEM or OpenSSH) and not its path"
    `);
  });

  it("says that a path was given in place of a key", async () => {
    const server = await aServer();

    expect(await words(aConnection(server, { privateKey: new Secret("~/.ssh/id_ed25519") }))).toMatchInlineSnapshot(`
      "Cannot open an SSH connection on node-1 (10.0.0.1): the private key cannot be read: "Unsupported key format"
        Check the passphrase, and that privateKey is the text of the key (PEM or OpenSSH) and not its path"
    `);
  });

  it("stops in the middle of a handshake when the signal says so", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const stop = new AbortController();
    const connecting = connected(aConnection({ port: (silent.address() as { port: number }).port }), {
      signal: stop.signal,
    });

    silent.once("connection", () => stop.abort(new Error("enough")));

    await expect(connecting).rejects.toThrow("enough");
  });

  it("waits for few round trips", async () => {
    const server = await aServer();

    await connected(aConnection(server));

    expect(server.counts.turns).toBeLessThanOrEqual(5);
  });

  it("never puts the private key into an error", async () => {
    const server = await aServer({ authorizedKeys: [sshKeyPair().publicKey] });

    const said = await words(aConnection(server));

    expect(said).not.toContain(KEYS.privateKey.split("\n")[1]);
  });
});

async function publicLineOf(pem: string): Promise<string> {
  const { readableBySsh } = await import("../../../provider/hosts/private-key.ts");
  const { default: ssh2 } = await import("ssh2");
  const key = ssh2.utils.parseKey(readableBySsh(pem));
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}
