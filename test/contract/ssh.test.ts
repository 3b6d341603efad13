import { describe, expect, it, onTestFinished } from "vitest";

import type { Connection } from "../../provider/hosts/connection.ts";
import { Host } from "../../provider/hosts/host.ts";
import { Pool } from "../../provider/hosts/pool.ts";
import { probe } from "../../provider/observed/probe.ts";
import { Secret } from "../../provider/secrets.ts";
import { sshKeyPair } from "../fleet/ssh-server.ts";
import { unlike } from "./unlike.ts";
import { aWorld } from "./world.ts";

const { here, host } = aWorld();

describe("A command by SSH", () => {
  it("brings what it says and its code", async () => {
    const ended = await host().exec("uname -r");

    expect(ended).toEqual({ stdout: expect.stringMatching(/^\d+\.\d+\S*\n$/), stderr: "", code: 0 });
  });

  it("that is not there ends with 127, and says so on standard error", async () => {
    const ended = await host().exec("contract-nothing");

    expect(ended).toEqual({ stdout: "", stderr: expect.stringMatching(/contract-nothing: .*not found/), code: 127 });
  });

  it("waits for its turn where more are asked than sshd takes", async () => {
    const each = Array.from({ length: 20 }, async () => host().exec("hostname"));

    expect(new Set((await Promise.all(each)).map(({ code }) => code))).toEqual(new Set([0]));
  });

  unlike("one that is killed has no code", async () => {
    expect(await host().exec("kill -9 $$")).toMatchObject({ code: undefined });
  });
});

describe("The probe of a machine", () => {
  it("tells all that it is asked, in words that can be read", async () => {
    const seen = await probe(host(), { prefixPath: "", clock: () => new Date() });

    expect(seen).toMatchObject({
      hostname: expect.stringMatching(/./),
      swapBytes: expect.any(Number),
      clockOffsetMs: expect.any(Number),
      disks: { "/": { freeBytes: expect.any(Number), totalBytes: expect.any(Number) } },
      listening: expect.arrayContaining([expect.objectContaining({ port: 22 })]),
      leftovers: expect.any(Array),
      unknown: [],
    });
    expect(seen.addresses.join()).toContain(here().addresses[0]);
    expect(Math.abs(seen.clockOffsetMs ?? Number.NaN)).toBeLessThan(2000);
  });
});

describe("A connection to a port of the machine", () => {
  it("is refused where nothing listens", async () => {
    await expect(host().fetch({ port: 9, path: "/" })).rejects.toMatchObject({
      code: "ssh",
      transient: true,
      detail: { because: expect.stringMatching(/^nothing answers there \(".*[Cc]onnection refused.*"\)$/) },
    });
  });
});

describe("A Docker socket", () => {
  it("that is not there is told of as one that nobody answers at", async () => {
    const docker = someHost({ dockerSocketPath: "/contract/docker.sock" }).docker();

    await expect(docker.version()).rejects.toMatchObject({
      code: "docker",
      transient: true,
      detail: {
        because: expect.stringMatching(
          /^nothing answers at \/contract\/docker\.sock: ".*\/contract\/docker\.sock: .*no such file/,
        ),
      },
    });
  });

  it("carries as many calls at once as are asked", async () => {
    const docker = someHost().docker();

    const each = Array.from({ length: 40 }, async () => docker.inspect("contract-nobody"));

    expect(await Promise.all(each)).toEqual(Array.from({ length: 40 }, () => undefined));
  });
});

describe("A login", () => {
  it("shows the machine's key, which can be pinned", async () => {
    const { key, fingerprint } = await someHost().open();

    expect([key, fingerprint]).toEqual([
      expect.stringMatching(/^ssh-ed25519 AAAA/),
      expect.stringMatching(/^SHA256:[\w+/]{43}$/),
    ]);
    await expect(someHost({ hostKey: key }).open()).resolves.toMatchObject({ key });
  });

  it("ends where the machine shows another key than the one that is pinned", async () => {
    const other = sshKeyPair().publicKey;

    await expect(someHost({ hostKey: other }).open()).rejects.toMatchObject({
      code: "ssh",
      transient: false,
      detail: { because: expect.stringMatching(/^it shows the host key SHA256:.* was expected$/) },
    });
  });

  it.each([
    [
      "with a key that is not authorized",
      (): Partial<Connection> => ({ privateKey: new Secret(sshKeyPair().privateKey) }),
    ],
    ["of a user whom nobody knows", (): Partial<Connection> => ({ user: "contract-nobody" })],
  ])("%s is refused, and says what the server takes", async (_case, changes) => {
    await expect(someHost(changes()).open()).rejects.toMatchObject({
      code: "ssh",
      transient: false,
      detail: { because: expect.stringMatching(/was refused with the key .* \(the server takes publickey/) },
    });
  });
});

/** The first machine, reached by a connection of its own. */
function someHost(changes: Partial<Connection> = {}): Host {
  const { addresses, connections } = here();
  const pool = new Pool();
  const { hostKey: _, ...usual } = connections(addresses[0] ?? "");
  const made = new Host({ name: "node-1", connection: { ...usual, ...changes }, pool });
  onTestFinished(async () => {
    made.close();
    await pool.close();
  });
  return made;
}
