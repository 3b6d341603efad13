import { describe, expect, it } from "vitest";

import type { RunEvent } from "../../../provider/progress.ts";
import { engineRows, statusListener } from "../../../provider/resources/status-row.ts";
import { Secret } from "../../../provider/secrets.ts";

function aRow() {
  const shown: string[] = [];
  let nowMs = 0;
  const listen = statusListener({
    show: (text) => void shown.push(text),
    nameOf: (address) => `node-${address.split(".").at(-1)}`,
    clock: () => new Date(nowMs),
    secrets: [new Secret("hunter2hunter2")],
  });
  return {
    shown,
    tell: (event: RunEvent, afterMs = 10_000) => {
      nowMs += afterMs;
      listen(event);
    },
  };
}

const node = "10.0.0.2";
const phase: RunEvent = { kind: "phase-started", phase: "Start etcd", index: 3, count: 9 };

describe("statusListener()", () => {
  it("says which phase it is, and what is done in it on which machine", () => {
    const { tell, shown } = aRow();

    tell(phase);
    tell({ kind: "step-started", step: "run etcd", node });

    expect(shown).toEqual(["Start etcd (3/9)", "Start etcd (3/9): node-2 run etcd"]);
  });

  it("says what is waited for and what was answered last", () => {
    const { tell, shown } = aRow();

    tell({ kind: "waiting", for: "etcd to be healthy", node, lastAnswer: "no leader", elapsedMs: 10_000 });

    expect(shown).toEqual(['node-2 waiting for etcd to be healthy, last answer "no leader"']);
  });

  it("leaves out steps that follow each other within moments, and no phase", () => {
    const { tell, shown } = aRow();
    tell(phase);

    tell({ kind: "step-started", step: "run etcd", node }, 100);
    tell({ ...phase, phase: "Start Kubernetes", index: 4 }, 100);

    expect(shown).toEqual(["Start etcd (3/9)", "Start Kubernetes (4/9)"]);
  });

  it("shows one short line without secrets, whatever was answered", () => {
    const { tell, shown } = aRow();

    tell({ kind: "waiting", for: "x", lastAnswer: `one\ntwo hunter2hunter2 ${"y".repeat(500)}`, elapsedMs: 1 });

    expect(shown[0]).toMatch(/one two \[redacted\] y+$/);
    expect(shown[0]?.length).toBe(150);
  });
});

describe("engineRows()", () => {
  it.each([
    ["a process that no engine has started", ["node", "main.js"]],
    ["a provider without an address", ["node", "/x/cmd/dynamic-provider"]],
    ["a provider whose copy of Pulumi is not as it is known", ["node", "/x/cmd/dynamic-provider", "127.0.0.1:1"]],
  ])("shows nothing in %s", (_, argv) => {
    expect(engineRows(argv)("urn:x")).toBeUndefined();
  });

  it("goes on when the engine does not answer any more", async () => {
    const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const show = engineRows(["node", script, "127.0.0.1:1"])("urn:x");

    show?.("one");
    show?.("two");

    expect(show).toBeTypeOf("function");
  });
});
