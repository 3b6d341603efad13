import { afterEach, describe, expect, it } from "vitest";

import { unknownValue } from "../../provider/config/unknowns.ts";
import type { Properties } from "../../provider/resources/handler.ts";
import { nodeHandler } from "../../provider/resources/node.ts";
import { awaitMachine } from "../../provider/resources/see-machine.ts";
import { connectionBy } from "../../provider/resources/ways.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { surroundings } from "../unit/resources/surroundings.ts";
import { all, registered, Stack } from "./on-fleet.ts";

/** Nothing listens there, and who asks is told so at once. */
const noPort = 1;

let fleet: Fleet;
afterEach(async () => fleet.close());

async function inputsFor(nodes = 1): Promise<Properties> {
  fleet = await aFleet({ nodes });
  const { host, port, user, privateKey, machine } = fleet.node("node-1");
  return { __provider: "text", host, port, user, privateKey, address: machine.address, roles: ["worker"] };
}

describe("create()", () => {
  it("tells what the machine says about itself, and the key it showed", async () => {
    const news = await inputsFor();

    const { id, outs } = await nodeHandler(surroundings()).create({ news });

    expect(id).toBe("10.0.0.1");
    expect(outs).toMatchObject({ hostKey: fleet.node("node-1").hostKey, facts: { hostname: "node-1" } });
  });

  it("waits for a machine that does not answer yet", async () => {
    const news = await inputsFor();
    fleet.powerOff("node-1");

    const creation = nodeHandler(surroundings()).create({ news });
    fleet.powerOn("node-1");

    expect((await creation).id).toBe("10.0.0.1");
  });

  it("gives up after the time that it was given, and says what was answered last", async () => {
    const news = { ...(await inputsFor()), port: noPort, waitFor: "1s" };

    const creation = nodeHandler(surroundings()).create({ news });

    await expect(creation).rejects.toThrow(/SSH and Docker to answer/);
  });

  it("gives a new machine some time to take the key", async () => {
    const news = await inputsFor();
    const { faults } = fleet.node("node-1").ssh;
    faults.refuseAuthentication = true;

    const wait = awaitMachine(connectionBy(news), { ...aWait(), graceMs: 60_000, waitForMs: 60_000 });
    setTimeout(() => {
      faults.refuseAuthentication = false;
    }, 300);

    await expect(wait).resolves.toBeUndefined();
  });

  it("does not wait for long with a key that stays wrong, and says whose key it is", async () => {
    const news = await inputsFor();
    fleet.node("node-1").ssh.faults.refuseAuthentication = true;

    const wait = awaitMachine(connectionBy(news), { ...aWait(), graceMs: 500, waitForMs: 60_000 });

    await expect(wait).rejects.toThrow(
      /^Cannot log in on node-1: user "rke" was refused with .*, and has been for 0\.5 s: cloud-init .*\n {2}Check the user name/,
    );
  });

  it("does not wait for a machine that shows another key", async () => {
    const news = await inputsFor();
    const hostKey = `SHA256:${"A".repeat(43)}`;

    const creation = nodeHandler(surroundings()).create({ news: { ...news, hostKey } });

    await expect(creation).rejects.toThrow(/was expected/);
  });
});

describe("diff()", () => {
  it("finds nothing in what was just made", async () => {
    const news = await inputsFor();
    const handler = nodeHandler(surroundings());
    const { id, outs } = await handler.create({ news });

    expect(await handler.diff({ id, olds: outs, news })).toEqual({ changes: false });
  });

  it("replaces a node whose machine is another one", async () => {
    const news = await inputsFor();
    const handler = nodeHandler(surroundings());

    const found = await handler.diff({ id: "10.0.0.1", olds: news, news: { ...news, address: "10.0.0.9" } });

    expect(found).toEqual({ changes: true, replaces: ["address"] });
  });

  it("only updates a node that gets another SSH key", async () => {
    const news = await inputsFor();
    const handler = nodeHandler(surroundings());

    const found = await handler.diff({ id: "10.0.0.1", olds: news, news: { ...news, privateKey: "other" } });

    expect(found).toEqual({ changes: true });
  });
});

describe("check()", () => {
  it("names everything that is wrong by its place in the program", async () => {
    const news = { ...(await inputsFor()), roles: ["etcd", "master"], waitFor: "soon", port: "ssh" };

    const { failures } = await nodeHandler(surroundings()).check({ olds: {}, news });

    expect(failures.map(({ property }) => property).toSorted()).toEqual(["port", "roles[1]", "waitFor"]);
  });

  it("judges what is new or changed, and not again what was accepted before", async () => {
    const accepted = { ...(await inputsFor()), roles: ["chief"] };
    const handler = nodeHandler(surroundings());
    const reasonsFor = async (olds: Properties, news: Properties) =>
      (await handler.check({ olds, news })).failures.map(({ property }) => property);

    expect(await reasonsFor(accepted, { ...accepted, __call: { isPreview: true } })).toEqual([]);
    expect(await reasonsFor({}, accepted)).toEqual(["roles[0]"]);
    expect(await reasonsFor(accepted, { ...accepted, user: "other" })).toEqual(["roles[0]"]);
  });

  it("takes what is not known yet for no failure", async () => {
    const news = { ...(await inputsFor()), host: unknownValue, address: unknownValue, privateKey: unknownValue };

    const { failures } = await nodeHandler(surroundings()).check({ olds: {}, news });

    expect(failures).toEqual([]);
  });
});

describe("delete()", () => {
  it("leaves nothing of a cluster on the machine", async () => {
    const news = await inputsFor();
    await new Stack().up(registered(fleet, { "node-1": all }));
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);

    await nodeHandler(surroundings()).delete({ id: "10.0.0.1", olds: news });

    expect(fleet.node("node-1").machine.containers.size).toBe(0);
  });

  it("touches nothing when it is told to leave the machine", async () => {
    const news = await inputsFor();
    await new Stack().up(registered(fleet, { "node-1": all }));
    const before = fleet.node("node-1").machine.containers.size;

    await nodeHandler(surroundings()).delete({ id: "10.0.0.1", olds: { ...news, onDelete: "leave" } });

    expect(fleet.node("node-1").machine.containers.size).toBe(before);
  });

  it("fails on a machine that is gone, where that is asked for", async () => {
    const olds = { ...(await inputsFor()), port: noPort, onDelete: "strict" };

    const deletion = nodeHandler(surroundings()).delete({ id: "10.0.0.1", olds });

    await expect(deletion).rejects.toThrow(
      /Cannot clean the node on 10\.0\.0\.1: it does not answer[\s\S]*state delete/,
    );
  });

  it("warns about a machine that is gone, and ends", async () => {
    const olds = { ...(await inputsFor()), port: noPort };
    const world = surroundings();

    await nodeHandler(world).delete({ id: "10.0.0.1", olds });

    expect(world.lines.join("\n")).toContain("does not answer");
  });
});

function aWait() {
  const run = { signal: new AbortController().signal, emit: () => undefined };
  return { name: "node-1", run, clock: () => new Date() };
}
