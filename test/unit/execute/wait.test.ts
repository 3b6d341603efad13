import { describe, expect, it } from "vitest";

import { type Probe, until } from "../../../provider/execute/wait.ts";
import { aContext, lasting, passing } from "./a-context.ts";

const notYet = (lastAnswer = "no leader"): Probe<string> => ({ done: false, lastAnswer });

/** Answers "not yet" so many times, then "here". */
function foundAfter(times: number): () => Probe<string> {
  let left = times;
  return () => (left-- > 0 ? notYet() : { done: true, value: "here" });
}

describe("until()", () => {
  it("returns what the first look finds, without a pause", async () => {
    const context = aContext();

    const found = await until("etcd to be healthy", foundAfter(0), { intervalMs: 1000, limitMs: 60_000, context });

    expect(found).toBe("here");
    expect(context.naps).toEqual([]);
  });

  it("looks quickly at first and backs off to its interval", async () => {
    const context = aContext();

    await until("etcd to be healthy", foundAfter(7), { intervalMs: 1000, limitMs: 60_000, context });

    expect(context.naps).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
  });

  it("never pauses longer than its interval", async () => {
    const context = aContext();

    await until("etcd to be healthy", foundAfter(3), { intervalMs: 20, limitMs: 60_000, context });

    expect(context.naps).toEqual([20, 20, 20]);
  });

  it("gives up after its limit and says what it waited for, where, and the last answer", async () => {
    const context = aContext();
    const options = { intervalMs: 1000, limitMs: 90_000, context, node: "10.0.0.2", hint: "Look at the logs of etcd" };

    const waiting = until("etcd to be healthy", () => notYet(), options);

    await expect(waiting).rejects.toMatchObject({
      code: "timeout",
      message:
        'Cannot finish waiting for etcd to be healthy on node-2 (10.0.0.2): after 90 s the last answer was "no leader"\n' +
        "  Look at the logs of etcd",
    });
  });

  it("looks once more when its limit is over, and not after that", async () => {
    const context = aContext();
    const start = context.clock().getTime();
    const looks: number[] = [];
    const probe = () => {
      looks.push(context.clock().getTime() - start);
      return notYet();
    };

    await until("etcd", probe, { intervalMs: 1000, limitMs: 1500, context }).catch(() => undefined);

    expect(looks).toEqual([0, 50, 150, 350, 750, 1500]);
  });

  it("tells after ten seconds what it waits for, and then every thirty", async () => {
    const context = aContext();
    const options = { intervalMs: 1000, limitMs: 95_000, context, node: "10.0.0.2" };

    await until("etcd to be healthy", () => notYet(), options).catch(() => undefined);

    const told = context.events.map((event) => (event.kind === "waiting" ? Math.floor(event.elapsedMs / 1000) : event));
    expect(told).toEqual([10, 30, 60, 90]);
    expect(context.events[0]).toMatchObject({ for: "etcd to be healthy", node: "10.0.0.2", lastAnswer: "no leader" });
  });

  it("takes an error that may pass for an answer", async () => {
    const context = aContext();
    let looks = 0;
    const probe = (): Probe<string> => {
      looks++;
      if (looks === 1) throw passing();
      return { done: true, value: "here" };
    };

    const found = await until("etcd to be healthy", probe, { intervalMs: 1000, limitMs: 60_000, context });

    expect(found).toBe("here");
  });

  it("names the error that may pass as the last answer", async () => {
    const context = aContext();
    const probe = async () => Promise.reject(passing('the connection to Docker broke: "EPIPE"'));

    const waiting = until("etcd to be healthy", probe, { intervalMs: 1000, limitMs: 5000, context });

    await expect(waiting).rejects.toThrow('the last answer was: the connection to Docker broke: "EPIPE"');
  });

  it("ends at once with an error that does not pass", async () => {
    const context = aContext();
    const error = lasting();

    const waiting = until("etcd", () => Promise.reject(error), { intervalMs: 1000, limitMs: 60_000, context });

    await expect(waiting).rejects.toBe(error);
    expect(context.naps).toEqual([]);
  });

  it("looks again when a look has no answer at all", async () => {
    const context = aContext();
    let looks = 0;
    const probe = (): Probe<string> | Promise<Probe<string>> => {
      looks++;
      return looks === 1 ? new Promise(() => undefined) : { done: true, value: "here" };
    };

    const found = await until("etcd", probe, { intervalMs: 1000, limitMs: 60_000, context, probeLimitMs: 1 });

    expect(found).toBe("here");
  });

  it("stops the look itself when it takes too long", async () => {
    const context = aContext();
    const seen: AbortSignal[] = [];
    const probe = (signal: AbortSignal): Probe<string> | Promise<Probe<string>> => {
      seen.push(signal);
      return seen.length === 1 ? new Promise(() => undefined) : { done: true, value: "here" };
    };

    await until("etcd", probe, { intervalMs: 1000, limitMs: 60_000, context, probeLimitMs: 1 });

    expect(seen[0]?.aborted).toBe(true);
  });

  it("ends with the reason of the run that is cancelled while it looks", async () => {
    const run = new AbortController();
    const context = aContext({ signal: run.signal });

    const waiting = until("etcd", () => new Promise<Probe<string>>(() => undefined), {
      intervalMs: 1000,
      limitMs: 60_000,
      context,
    });
    run.abort(new Error("enough"));

    await expect(waiting).rejects.toThrow("enough");
  });

  it("shows no private key that was answered", async () => {
    const context = aContext();
    const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\n-----END RSA PRIVATE KEY-----";

    const waiting = until("etcd", () => notYet(`got ${key}`), { intervalMs: 1000, limitMs: 20_000, context });

    await expect(waiting).rejects.toThrow('"got [redacted]"');
    expect(JSON.stringify(context.events)).not.toContain("MIIEsecret");
  });
});
