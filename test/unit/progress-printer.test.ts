import { describe, expect, it } from "vitest";

import type { RunEvent } from "../../provider/progress.ts";
import { type PrinterOptions, progressPrinter } from "../../provider/progress-printer.ts";
import { Secret } from "../../provider/secrets.ts";

/** A printer for machines named after their addresses; the clock is moved by hand. */
function aPrinter(changes: Partial<PrinterOptions> = {}) {
  const lines: string[] = [];
  let nowMs = 0;
  const print = progressPrinter({
    cluster: "prod",
    nameOf: (address) => `node-${address.split(".").at(-1)}`,
    write: (line) => lines.push(line),
    clock: () => new Date(nowMs),
    nodeCount: 20,
    ...changes,
  });
  return {
    lines,
    print: (...events: readonly RunEvent[]) => {
      for (const event of events) print(event);
    },
    passMs: (ms: number) => {
      nowMs += ms;
    },
  };
}

const phase: RunEvent = { kind: "phase-started", phase: "Etcd plane", index: 3, count: 9 };
const phaseDone: RunEvent = { kind: "phase-finished", phase: "Etcd plane", tookMs: 31_000 };
const node = "10.0.0.2";

const ran = (changes: Partial<Extract<RunEvent, { kind: "step-finished" }>> = {}): RunEvent => ({
  kind: "step-finished",
  step: "run etcd (rancher/mirrored-coreos-etcd:v3.5.9)",
  node,
  outcome: "changed",
  tookMs: 4100,
  ...changes,
});

const waiting = (on: string, what = "etcd to be healthy"): RunEvent => ({
  kind: "waiting",
  for: what,
  node: on,
  lastAnswer: "no leader",
  elapsedMs: 30_000,
});

describe("progressPrinter()", () => {
  it.each<[string, RunEvent, string]>([
    ["a phase", phase, "prod  Etcd plane (3/9)"],
    ["a step", ran(), "prod  node-2  run etcd (rancher/mirrored-coreos-etcd:v3.5.9): changed, 4.1 s"],
    [
      "a step on the cluster",
      { kind: "step-finished", step: "apply coredns", outcome: "unchanged", tookMs: 120 },
      "prod  apply coredns: unchanged, 0.1 s",
    ],
    [
      "a failure",
      { kind: "step-failed", step: "start etcd", node, because: 'it exited with code 1: "no space"' },
      'prod  node-2  start etcd: failed, it exited with code 1: "no space"',
    ],
    ["a wait", waiting(node), 'prod  node-2  waiting for etcd to be healthy, 30 s, last answer "no leader"'],
    [
      "another attempt",
      { kind: "retrying", what: "pull etcd", node, because: "EOF", attempt: 2 },
      "prod  node-2  trying again to pull etcd (attempt 2): EOF",
    ],
    ["a notice", { kind: "notice", text: "resuming run 4e6f" }, "prod  resuming run 4e6f"],
  ])("prints %s in one line", (_what, event, line) => {
    const { print, lines } = aPrinter();

    print(event);

    expect(lines).toEqual([line]);
  });

  it.each<RunEvent>([{ kind: "step-started", step: "run etcd", node }, phaseDone])("is silent about $kind", (event) => {
    const { print, lines } = aPrinter();

    print(event);

    expect(lines).toEqual([]);
  });

  it("begins every line of a longer text in the same way", () => {
    const { print, lines } = aPrinter();

    print({ kind: "step-failed", step: "start etcd", node, because: "two\n  lines" });

    expect(lines).toEqual(["prod  node-2  start etcd: failed, two", "prod  node-2  lines"]);
  });

  it("prints no secret, and nothing that looks like a private key", () => {
    const { print, lines } = aPrinter({ secrets: [new Secret("hunter2hunter2")] });
    const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\n-----END RSA PRIVATE KEY-----";

    print({ kind: "notice", text: `${key} and hunter2hunter2` });

    expect(lines).toEqual(["prod  [redacted] and [redacted]"]);
  });
});

describe("progressPrinter() for many machines", () => {
  it("prints counts in place of steps", () => {
    const { print, lines } = aPrinter({ nodeCount: 21 });

    print(phase, ran(), ran(), ran({ outcome: "unchanged" }), phaseDone);

    expect(lines).toEqual(["prod  Etcd plane (3/9)", "prod  Etcd plane (3/9): 2 changed, 1 unchanged, 31 s"]);
  });

  it("counts each phase by itself", () => {
    const { print, lines } = aPrinter({ nodeCount: 21 });

    print(phase, ran(), phaseDone, phase, phaseDone);

    expect(lines.at(-1)).toBe("prod  Etcd plane (3/9): 0 changed, 0 unchanged, 31 s");
  });

  it("says from time to time how far a phase is", () => {
    const { print, lines, passMs } = aPrinter({ nodeCount: 21 });
    print(phase, ran());
    passMs(10_000);

    print(ran(), ran());

    expect(lines.slice(1)).toEqual(["prod  Etcd plane (3/9): 2 changed, 0 unchanged"]);
  });

  it("says once in a while that many wait for the same", () => {
    const { print, lines, passMs } = aPrinter({ nodeCount: 21 });
    print(waiting("10.0.0.1"), waiting("10.0.0.2"), waiting("10.0.0.3"));
    passMs(30_000);

    print(waiting("10.0.0.1"));

    expect(lines).toEqual([
      'prod  node-1  waiting for etcd to be healthy, 30 s, last answer "no leader"',
      'prod  node-1  waiting for etcd to be healthy here and on 2 more, 30 s, last answer "no leader"',
    ]);
  });

  it("tells of each thing that is waited for", () => {
    const { print, lines } = aPrinter({ nodeCount: 21 });

    print(waiting(node), waiting(node, "the kubelet to be ready"));

    expect(lines).toHaveLength(2);
  });

  it("leaves out no failure", () => {
    const { print, lines } = aPrinter({ nodeCount: 21 });
    const failed: RunEvent = { kind: "step-failed", step: "start etcd", node, because: "no space" };

    print(failed, failed);

    expect(lines).toHaveLength(2);
  });
});

describe("progressPrinter() for a log", () => {
  it("prints what begins and what ends, however many machines there are", () => {
    const { print, lines } = aPrinter({ nodeCount: 500, isComplete: true });

    print(phase, { kind: "step-started", step: "run etcd", node }, ran({ step: "run etcd" }), phaseDone);

    expect(lines).toEqual([
      "prod  Etcd plane (3/9)",
      "prod  node-2  run etcd: begins",
      "prod  node-2  run etcd: changed, 4.1 s",
      "prod  Etcd plane: done, 31 s",
    ]);
  });
});
