import { describe, expect, it } from "vitest";

import { helperNames } from "../../../provider/steps/our-containers.ts";
import { runOnce } from "../../../provider/steps/run-once.ts";
import { TOOLS } from "../execute/on-a-fleet.ts";
import { NODE, oneMachine, standing } from "./on-machines.ts";

const quitter = { name: helperNames.fsync, image: TOOLS, entrypoint: ["quitter"] } as const;
const doing = "measure etcd's disk";

describe("runOnce()", () => {
  it("says how a program has ended and what it said last", async () => {
    const { context } = await oneMachine();

    const running = runOnce(NODE, quitter, { context, doing });

    await expect(running).rejects.toThrow(
      'Cannot measure etcd\'s disk on node-1 (10.0.0.1): it ended with code 3: "panic: no such host"',
    );
  });

  it("removes its container also when the program fails", async () => {
    const { machine, context } = await oneMachine();

    await expect(runOnce(NODE, quitter, { context, doing })).rejects.toThrow();

    expect(standing(machine)).toEqual([]);
  });

  it("takes an exit code for an answer where that is said", async () => {
    const { context } = await oneMachine();

    const { exitCode } = await runOnce(NODE, quitter, { context, doing, alsoFine: [3] });

    expect(exitCode).toBe(3);
  });

  it("removes what a killed run has left under the same name", async () => {
    const { machine, context } = await oneMachine();
    machine.create({ name: helperNames.fsync, spec: { Image: TOOLS, Entrypoint: ["sleeper"] } }).start();

    await runOnce(NODE, quitter, { context, doing, alsoFine: [3] });

    expect(standing(machine)).toEqual([]);
  });

  it("ends a program that takes too long, and removes it", async () => {
    const { machine, context } = await oneMachine();

    const running = runOnce(NODE, { ...quitter, entrypoint: ["sleeper"] }, { context, doing, limitMs: 100 });

    await expect(running).rejects.toMatchObject({ code: "timeout" });
    expect(standing(machine)).toEqual([]);
  });
});
