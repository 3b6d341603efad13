import { describe, expect, it } from "vitest";

import { type LockOptions, withLock } from "../../../provider/execute/lock.ts";
import { lockLabels, lockName } from "../../../provider/execute/lock-record.ts";
import type { RunEvent } from "../../../provider/progress.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { aTestFleet, contextOn, type FleetContext, TOOLS } from "./on-a-fleet.ts";

const NODES = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
const HOUR_MS = 3_600_000;
const alice = { user: "alice", host: "laptop", pid: 4711 };
const bob = { user: "bob", host: "desktop", pid: 12 };

function lockOptions(context: FleetContext, changes: Partial<LockOptions> = {}): LockOptions {
  return {
    context,
    nodes: NODES,
    holder: "urn:prod",
    isHolderExclusive: true,
    runId: "run-2",
    verb: "up",
    limitMs: HOUR_MS,
    image: () => TOOLS,
    lifeSigns: { owner: alice, exists: () => false },
    ...changes,
  };
}

/** Leaves locks behind as a run does that was killed. */
function leaveLocks(
  fleet: Fleet,
  { owner = "alice@laptop, pid 99", holder = "urn:prod", runId = "run-1", on = NODES, expiresInMs = HOUR_MS } = {},
): void {
  for (const { machine } of fleet.nodes.filter((node) => on.includes(node.machine.address))) {
    const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
    const labels = lockLabels({ holder, owner, runId, verb: "up", expiresAt }, { startedAt: new Date(0) });
    machine.create({ name: lockName, spec: { Image: TOOLS, Labels: labels } });
  }
}

/** The runs that have the lock, by machine. */
const lockedBy = (fleet: Fleet): readonly (string | undefined)[] =>
  fleet.nodes.map(({ machine }) => machine.find(lockName)?.spec.Labels?.["pulumi-rke.lock.run-id"]);

const notices = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) => (event.kind === "notice" ? event.text : []));

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("withLock()", () => {
  it("has the lock on all machines while it works, and on none afterwards", async () => {
    const fleet = await aTestFleet();
    const context = contextOn(fleet);

    const meanwhile = await withLock(lockOptions(context), async () => lockedBy(fleet));

    expect(meanwhile).toEqual(["run-2", "run-2", "run-2"]);
    expect(lockedBy(fleet)).toEqual([undefined, undefined, undefined]);
    expect(context.events).toEqual([]);
  });

  it("starts nothing", async () => {
    const fleet = await aTestFleet();

    await withLock(lockOptions(contextOn(fleet)), async () => {
      expect(fleet.node("node-1").machine.find(lockName)?.status).toBe("created");
    });

    expect(fleet.journal.events.map(({ kind }) => kind)).not.toContain("container started");
  });

  it("gives the lock back after a failure, and throws it", async () => {
    const fleet = await aTestFleet();
    const error = new Error("etcd is sick");

    const thrown = await failure(withLock(lockOptions(contextOn(fleet)), () => Promise.reject(error)));

    expect(thrown).toBe(error);
    expect(lockedBy(fleet)).toEqual([undefined, undefined, undefined]);
  });

  it("gives the lock back after the run was cancelled", async () => {
    const fleet = await aTestFleet();
    const run = new AbortController();
    const work = async () => {
      run.abort(new Error("enough"));
      throw run.signal.reason;
    };

    const thrown = await failure(withLock(lockOptions(contextOn(fleet, { signal: run.signal })), work));

    expect(thrown).toEqual(new Error("enough"));
    expect(lockedBy(fleet)).toEqual([undefined, undefined, undefined]);
  });

  it("refuses what somebody else is at, and says who, since when, until when and how to break it", async () => {
    const fleet = await aTestFleet();
    const clock = () => new Date("2026-03-01T12:00:00Z");
    const first = lockOptions(contextOn(fleet, { clock }), { runId: "run-1", lifeSigns: { owner: bob } });
    const second = lockOptions(contextOn(fleet, { clock }), { holder: "urn:other" });

    const refusal = await withLock(first, () => failure(withLock(second, async () => "never")));

    expect(refusal).toMatchObject({ code: "unsafe" });
    expect((refusal as Error).message).toMatchInlineSnapshot(`
      "Cannot take the lock of the cluster for "up" on node-1 (10.0.0.1): bob@desktop, pid 12 took it at 2026-03-01T12:00:00.000Z for "up" of urn:prod, until 2026-03-01T13:00:00.000Z at most
        Wait until that has ended. If it is certain that it has, break the lock: docker rm pulumi-rke-lock on node-1 (10.0.0.1), node-2 (10.0.0.2), node-3 (10.0.0.3)"
    `);
  });

  it("leaves nothing behind when one machine of several refuses", async () => {
    const fleet = await aTestFleet();
    leaveLocks(fleet, { on: ["10.0.0.3"], holder: "urn:other" });

    const refusal = await failure(withLock(lockOptions(contextOn(fleet)), async () => "never"));

    expect(refusal).toMatchObject({ code: "unsafe" });
    expect(lockedBy(fleet)).toEqual([undefined, undefined, "run-1"]);
  });

  it("lets one of two runs through that begin at the same moment", async () => {
    const fleet = await aTestFleet();
    const { promise: refused, resolve: refuse } = deferred();
    const run = (runId: string) =>
      withLock(lockOptions(contextOn(fleet), { runId }), () => refused).catch((error: unknown) => {
        refuse();
        throw error;
      });

    const results = await Promise.allSettled([run("run-a"), run("run-b")]);

    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("waits for a lock that is held, when told to", async () => {
    const fleet = await aTestFleet();
    const context = contextOn(fleet);
    const order: string[] = [];
    const first = withLock(lockOptions(contextOn(fleet), { runId: "run-1" }), async () => {
      await expect.poll(() => fleet.trips.all.length, { interval: 1 }).toBeGreaterThan(20);
      order.push("run-1 ends");
    });
    await expect.poll(() => lockedBy(fleet), { interval: 1 }).toEqual(["run-1", "run-1", "run-1"]);

    await withLock(lockOptions(context, { waitMs: 60_000 }), async () => order.push("run-2 begins"));

    await first;
    expect(order).toEqual(["run-1 ends", "run-2 begins"]);
  });

  it("refuses in the end when the lock is not given back in time", async () => {
    const fleet = await aTestFleet();
    leaveLocks(fleet, { holder: "urn:other" });

    const refusal = await failure(withLock(lockOptions(contextOn(fleet), { waitMs: 100 }), async () => "never"));

    expect(refusal).toMatchObject({ code: "unsafe" });
  });

  it("takes over the lock of a run of the same holder whose process is dead", async () => {
    const fleet = await aTestFleet();
    leaveLocks(fleet);
    const options = lockOptions(contextOn(fleet), { isHolderExclusive: false });

    const meanwhile = await withLock(options, async ({ interrupted }) => [interrupted?.runId, ...lockedBy(fleet)]);

    expect(meanwhile).toEqual(["run-1", "run-2", "run-2", "run-2"]);
  });

  it("refuses while the process of the same holder is alive", async () => {
    const fleet = await aTestFleet();
    leaveLocks(fleet);
    const lifeSigns = { owner: alice, exists: (pid: number) => pid === 99 };

    const refusal = await failure(withLock(lockOptions(contextOn(fleet), { lifeSigns }), async () => "never"));

    expect(refusal).toMatchObject({ code: "unsafe" });
  });

  it.each([
    ["takes over", true, "went through"],
    ["refuses", false, "unsafe"],
  ])(
    "%s what the same holder has on another machine, when it is exclusive: %s",
    async (_what, isHolderExclusive, outcome) => {
      const fleet = await aTestFleet();
      leaveLocks(fleet, { owner: "alice@desktop, pid 99" });
      const options = lockOptions(contextOn(fleet), { isHolderExclusive });

      const result = await withLock(options, async () => "went through").catch((error) => error.code);

      expect(result).toBe(outcome);
    },
  );

  it("takes over a lock that has expired, whoever had it", async () => {
    const fleet = await aTestFleet();
    leaveLocks(fleet, { owner: "bob@desktop, pid 12", holder: "urn:other", expiresInMs: -1 });

    const meanwhile = await withLock(lockOptions(contextOn(fleet)), async () => lockedBy(fleet));

    expect(meanwhile).toEqual(["run-2", "run-2", "run-2"]);
  });

  it("refuses a container of that name that is no lock of ours", async () => {
    const fleet = await aTestFleet();
    fleet.node("node-1").machine.create({ name: lockName, spec: { Image: TOOLS } });

    const refusal = await failure(withLock(lockOptions(contextOn(fleet)), async () => "never"));

    expect(refusal).toMatchObject({ code: "unsafe", message: expect.stringContaining("unknown took it at") });
  });

  it("hands on the journal of a run that was killed, and tells how far it came", async () => {
    const fleet = await aTestFleet();
    const killed = contextOn(fleet);
    await withLock(lockOptions(killed, { runId: "run-1" }), async ({ journal }) => {
      journal.note("10.0.0.2: run etcd");
      await journal.close();
      fleet.faults.dieAfter(0);
      fleet.disconnectAll();
    });
    fleet.revive();
    const context = contextOn(fleet);

    const before = await withLock(lockOptions(context), async ({ interrupted }) => interrupted?.journal);

    expect(before).toEqual(["up, run run-1", "10.0.0.2: run etcd"]);
    expect(notices(context.events)).toEqual([
      'resuming run run-1 (up) of alice@laptop, pid 4711, which stopped after "10.0.0.2: run etcd"',
    ]);
  });

  it("notices at the end that somebody has broken the lock", async () => {
    const fleet = await aTestFleet();
    const context = contextOn(fleet);
    const { machine } = fleet.node("node-2");

    const result = await withLock(lockOptions(context), async () => {
      const lock = machine.find(lockName);
      if (lock !== undefined) machine.remove(lock);
      return "done";
    });

    expect(result).toBe("done");
    expect(notices(context.events)).toEqual([
      "the lock on node-2 (10.0.0.2) was broken during this run: something else may have changed the cluster meanwhile",
    ]);
  });

  it("leaves the lock alone that another run has put in the place of its own", async () => {
    const fleet = await aTestFleet();
    const context = contextOn(fleet);
    const { machine } = fleet.node("node-2");

    await withLock(lockOptions(context), async () => {
      const lock = machine.find(lockName);
      if (lock !== undefined) machine.remove(lock);
      leaveLocks(fleet, { on: ["10.0.0.2"], owner: "bob@desktop, pid 12", runId: "run-3" });
    });

    expect(lockedBy(fleet)).toEqual([undefined, "run-3", undefined]);
    expect(notices(context.events)[0]).toContain("was broken during this run and taken by bob@desktop, pid 12");
  });

  it("tells how to take away what could not be given back, and does not fail", async () => {
    const fleet = await aTestFleet();
    const context = contextOn(fleet);

    const result = await withLock(lockOptions(context), async () => {
      fleet.faults.refuse(500, "no space left on device", { node: "node-2", what: /^DELETE / });
      return "done";
    });

    expect(result).toBe("done");
    expect(notices(context.events)).toEqual([
      'the lock on node-2 (10.0.0.2) could not be given back, "docker rm pulumi-rke-lock" there does that: ' +
        'Docker answered 500: "no space left on device"',
    ]);
  });

  it("knows its own lock again when the answer was lost", async () => {
    const fleet = await aTestFleet();
    fleet.faults.lie({ node: "node-1", what: /containers\/create/, times: 1 }, () => {
      throw new Error("unreachable");
    });
    const context = contextOn(fleet);

    const meanwhile = await withLock(lockOptions(context), async () => lockedBy(fleet));

    expect(meanwhile).toEqual(["run-2", "run-2", "run-2"]);
  });

  it("makes the lock from any image that is there when the one it wants is not", async () => {
    const fleet = await aTestFleet({ nodes: 1, images: ["nginx:1.27"] });
    const { machine } = fleet.node("node-1");
    machine.create({ name: "web", spec: { Image: "nginx:1.27" } });

    const used = await withLock(lockOptions(contextOn(fleet), { nodes: ["10.0.0.1"] }), async () => {
      return machine.find(lockName)?.spec.Image;
    });

    expect(used).toBe("nginx:1.27");
    expect(machine.images.has(TOOLS)).toBe(false);
  });

  it("pulls the image where nothing is there", async () => {
    const fleet = await aTestFleet({ nodes: 1 });

    const used = await withLock(lockOptions(contextOn(fleet), { nodes: ["10.0.0.1"] }), async () => {
      return fleet.node("node-1").machine.find(lockName)?.spec.Image;
    });

    expect(used).toBe(TOOLS);
  });
});
