import { describe, expect, it } from "vitest";

import { traceOf } from "../../bench/lab/trace.ts";

const at = (seconds: string): string => `2026-11-21T10:00:${seconds}Z`;

/** Rows of a timeline as `group/row name from+length`, in seconds since ten o'clock. */
function rowsOf(lines: readonly string[], scenarios: Parameters<typeof traceOf>[1] = {}): readonly string[] {
  const since = Date.parse(at("00.000")) * 1000;
  return traceOf(lines.join("\n"), scenarios).traceEvents.flatMap((event) =>
    event.ph === "X" ? [`${event.pid}/${event.tid} ${event.name} ${(event.ts - since) / 1e6}+${event.dur / 1e6}`] : [],
  );
}

describe("traceOf()", () => {
  it("shows phases, and the steps of each machine from their beginning to their end", () => {
    const rows = rowsOf([
      `${at("01.000")} lab  Start etcd (6/13)`,
      `${at("01.100")} lab  node1  run etcd (a/b:1): begins`,
      `${at("02.100")} lab  node1  run etcd (a/b:1): changed, 1.0 s`,
      `${at("02.200")} lab  Start etcd: done, 1.2 s`,
    ]);

    expect(rows).toEqual(["phases/0 Start etcd 1+1.2", "node1/0 run etcd (a/b:1) 1.1+1"]);
  });

  it("gives steps that run at once rows of their own, and uses a row again", () => {
    const rows = rowsOf([
      `${at("01.000")} lab  node1  a: begins`,
      `${at("02.000")} lab  node1  b: begins`,
      `${at("03.000")} lab  node1  a: unchanged, 2.0 s`,
      `${at("03.000")} lab  node1  c: begins`,
      `${at("04.000")} lab  node1  b: failed, it is broken`,
      `${at("05.000")} lab  node1  c: changed, 2.0 s`,
    ]);

    expect(rows).toEqual(["node1/0 a 1+2", "node1/1 b 2+2", "node1/0 c 3+2"]);
  });

  it("keeps apart what is done on the cluster and the same on two machines", () => {
    const rows = rowsOf([
      `${at("01.000")} lab  deploy coredns (10 objects): begins`,
      `${at("01.000")} lab  node1  a: begins`,
      `${at("01.500")} lab  node2  a: begins`,
      `${at("02.000")} lab  node2  a: changed, 0.5 s`,
      `${at("02.500")} lab  node1  a: changed, 1.5 s`,
      `${at("03.000")} lab  deploy coredns (10 objects): changed, 2.0 s`,
    ]);

    expect(rows.toSorted()).toEqual([
      "cluster/0 deploy coredns (10 objects) 1+2",
      "node1/0 a 1+1.5",
      "node2/0 a 1.5+0.5",
    ]);
  });

  it("puts lines of several files in order, and leaves out what never ended", () => {
    const rows = rowsOf([
      `${at("05.000")} lab  node1  a: changed, 1.0 s`,
      `${at("04.000")} lab  node1  a: begins`,
      `${at("06.000")} lab  node1  b: begins`,
      "Error: something else that a log may hold",
    ]);

    expect(rows).toEqual(["node1/0 a 4+1"]);
  });

  it("shows what was timed above all else", () => {
    const startedAtMs = Date.parse(at("01.000"));
    const { traceEvents } = traceOf(
      [
        `${at("02.000")} lab  node1  a: begins`,
        `${at("03.000")} lab  node1  a: changed, 1.0 s`,
        `${at("02.000")} lab  Start etcd (1/1)`,
        `${at("04.000")} lab  Start etcd: done, 2.0 s`,
      ].join("\n"),
      { create1: { startedAtMs, endedAtMs: startedAtMs + 5000 } },
    );

    expect(traceEvents.flatMap((event) => (event.ph === "M" ? [event.pid] : []))).toEqual(["run", "phases", "node1"]);
    expect(traceEvents).toContainEqual(expect.objectContaining({ name: "create1", pid: "run", dur: 5_000_000 }));
  });
});
