import { describe, expect, it } from "vitest";

import { execute } from "../../../provider/execute/run.ts";
import type { Outcome } from "../../../provider/progress.ts";
import { inOrder, rolling, sideBySide } from "../../../provider/reconcile/runbook.ts";
import type { Step } from "../../../provider/steps/step.ts";
import { aContext, lasting } from "./a-context.ts";

interface StepChanges {
  readonly node?: string;
  readonly alongside?: Step["alongside"];
  readonly deed?: () => Outcome | Promise<Outcome>;
}

function step(title: string, { node, alongside, deed = () => "changed" }: StepChanges = {}): Step {
  const optional = { ...(node !== undefined && { node }), ...(alongside !== undefined && { alongside }) };
  return { kind: "test", title, params: {}, ...optional, run: async () => deed() };
}

const failing = (title: string, error: unknown = lasting(), node?: string): Step =>
  step(title, {
    ...(node !== undefined && { node }),
    deed: () => {
      throw error;
    },
  });

/** Steps that say when they start and end, and take some turns of the event loop. */
function recorded() {
  const log: string[] = [];
  const make = (title: string): Step =>
    step(title, {
      deed: async (): Promise<Outcome> => {
        log.push(`${title} starts`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${title} ends`);
        return "changed";
      },
    });
  return { log, make };
}

const caught = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail");
};

describe("execute()", () => {
  it("does nothing for an empty runbook", async () => {
    const context = aContext();

    const summary = await execute([], context);

    expect(summary).toEqual({ changed: 0, unchanged: 0 });
    expect(context.events).toEqual([]);
  });

  it("runs the phases, and the steps of a lane, one after another", async () => {
    const { log, make } = recorded();

    await execute([inOrder("First", [make("a"), make("b")]), inOrder("Second", [make("c")])], aContext());

    expect(log).toEqual(["a starts", "a ends", "b starts", "b ends", "c starts", "c ends"]);
  });

  it("runs lanes side by side", async () => {
    const { log, make } = recorded();

    await execute([sideBySide("Both", [[make("a")], [make("b")]])], aContext());

    expect(log).toEqual(["a starts", "b starts", "a ends", "b ends"]);
  });

  it("runs neighbours in a lane at once when they say that they may", async () => {
    const { log, make } = recorded();
    const wait = (title: string): Step => ({ ...make(title), alongside: "waits" });
    const pull = (title: string): Step => ({ ...make(title), alongside: "pulls" });

    await execute([inOrder("All", [wait("a"), wait("b"), pull("c"), make("d"), wait("e"), make("f")])], aContext());

    expect(log).toEqual([
      ...["a starts", "b starts", "a ends", "b ends"],
      ...["c starts", "c ends", "d starts", "d ends", "e starts", "e ends", "f starts", "f ends"],
    ]);
  });

  it("gives up the neighbours of a step that fails, and tells only what failed by itself", async () => {
    const context = aContext();
    const endless: Step = {
      ...step("wait for b", { alongside: "waits" }),
      run: async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        signal.throwIfAborted();
        return "unchanged";
      },
    };
    const failed: Step = { ...failing("wait for a", lasting("no space left on device")), alongside: "waits" };

    const error = await caught(execute([inOrder("All", [endless, failed, step("never")])], context));

    expect(error).toMatchObject({ detail: { because: "no space left on device" } });
    expect(context.events.flatMap((event) => (event.kind === "step-failed" ? [event.because] : []))).toEqual([
      "no space left on device",
      '"wait for a" beside it has failed',
    ]);
    expect(context.events).not.toContainEqual(expect.objectContaining({ step: "never" }));
  });

  it("tells all that failed at once", async () => {
    const together = (because: string): Step => ({ ...failing("wait", lasting(because)), alongside: "waits" });

    const error = await caught(execute([inOrder("All", [together("first"), together("second")])], aContext()));

    expect(error).toBeInstanceOf(AggregateError);
    expect(String(error)).toContain("first");
    expect(String(error)).toContain("second");
  });

  it("runs no more lanes at a time than the phase is wide", async () => {
    let atWork = 0;
    let most = 0;
    const deed = async (): Promise<Outcome> => {
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setImmediate(resolve));
      atWork--;
      return "changed";
    };
    const lanes = Array.from({ length: 7 }, (_, index) => [step(`a${index}`, { deed }), step(`b${index}`, { deed })]);

    await execute([rolling("Workers", lanes, 3)], aContext());

    expect(most).toBe(3);
  });

  it("counts what was changed and what was not", async () => {
    const steps = [step("a"), step("b", { deed: () => "unchanged" }), step("c")];

    const summary = await execute([inOrder("All", steps)], aContext());

    expect(summary).toEqual({ changed: 2, unchanged: 1 });
  });

  it("tells what happens as it happens", async () => {
    const context = aContext();
    const deed = (): Outcome => {
      context.passMs(4100);
      return "changed";
    };

    await execute([inOrder("Etcd plane", [step("run etcd", { node: "10.0.0.2", deed })])], context);

    expect(context.events).toEqual([
      { kind: "phase-started", phase: "Etcd plane", index: 1, count: 1 },
      { kind: "step-started", step: "run etcd", node: "10.0.0.2" },
      { kind: "step-finished", step: "run etcd", node: "10.0.0.2", outcome: "changed", tookMs: 4100 },
      { kind: "phase-finished", phase: "Etcd plane", tookMs: 4100 },
    ]);
  });

  it("journals phases and what was changed", async () => {
    const lines: string[] = [];
    const steps = [step("run etcd", { node: "10.0.0.2" }), step("look", { deed: () => "unchanged" }), step("apply x")];

    await execute([inOrder("Etcd plane", steps)], aContext(), { journal: { note: (line) => lines.push(line) } });

    expect(lines).toEqual(["Etcd plane (1/1)", "10.0.0.2: run etcd", "cluster: apply x"]);
  });

  it("lets the lanes under way finish after a failure, and starts no others", async () => {
    const { log, make } = recorded();
    const lanes = [[failing("sick")], [make("a"), make("b")], [make("c")], [make("d")]];

    await caught(execute([rolling("Workers", lanes, 2)], aContext()));

    expect(log).toEqual(["a starts", "a ends", "b starts", "b ends"]);
  });

  it("does not go on with a lane, nor with the next phase, after a failure", async () => {
    const { log, make } = recorded();

    await caught(execute([inOrder("First", [failing("sick"), make("a")]), inOrder("Second", [make("b")])], aContext()));

    expect(log).toEqual([]);
  });

  it("says what was not started after a failure", async () => {
    const context = aContext();
    const runbook = [rolling("Workers", [[failing("sick")], [step("a")], [step("b")]], 1), inOrder("Addons", [])];

    await caught(execute(runbook, context));

    expect(context.events.at(-1)).toEqual({
      kind: "notice",
      text: "stopped in Workers (1/2); not started: 2 more of the same phase, Addons",
    });
  });

  it("tells of the step that failed, and finishes no phase", async () => {
    const context = aContext();

    await caught(execute([inOrder("Etcd plane", [failing("run etcd", lasting(), "10.0.0.2")])], context));

    expect(context.events.slice(2)).toEqual([
      { kind: "step-failed", step: "run etcd", node: "10.0.0.2", because: "no space left on device" },
      { kind: "notice", text: "stopped in Etcd plane (1/1)" },
    ]);
  });

  it("throws the error of a step with the machine it was done on", async () => {
    const error = await caught(execute([inOrder("All", [failing("look", lasting(), "10.0.0.2")])], aContext()));

    expect(error).toMatchObject({
      code: "docker",
      message: "Cannot list the containers on node-2 (10.0.0.2): no space left on device",
    });
  });

  it("puts an error that is none of ours into the words of its step", async () => {
    const slip = new TypeError("x is not a function");

    const error = await caught(execute([inOrder("All", [failing("run etcd", slip, "10.0.0.2")])], aContext()));

    expect(error).toMatchObject({ code: "internal", cause: slip });
    expect(error).toHaveProperty(
      "message",
      expect.stringContaining("Cannot run etcd on node-2 (10.0.0.2): x is not a function"),
    );
  });

  it("throws several failures as one, a line for each", async () => {
    const lanes = [[failing("a", lasting("no room"), "10.0.0.1")], [failing("b", lasting("no room"), "10.0.0.2")]];

    const error = await caught(execute([sideBySide("All", lanes)], aContext()));

    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({
      message:
        "2 failures:\n" +
        "  Cannot list the containers on node-1 (10.0.0.1): no room\n" +
        "  Cannot list the containers on node-2 (10.0.0.2): no room",
      errors: [{ code: "docker" }, { code: "docker" }],
    });
  });

  it("starts no step in a run that is cancelled", async () => {
    const { log, make } = recorded();
    const context = aContext({ signal: AbortSignal.abort() });

    const error = await caught(execute([inOrder("All", [make("a")])], context));

    expect(error).toMatchObject({ code: "cancelled" });
    expect(log).toEqual([]);
  });

  it("throws one error when a run is cancelled in several lanes", async () => {
    const run = new AbortController();
    const context = aContext({ signal: run.signal });
    const deed = (): Outcome => {
      run.abort();
      throw run.signal.reason;
    };

    const error = await caught(execute([sideBySide("All", [[step("a", { deed })], [step("b", { deed })]])], context));

    expect(error).toMatchObject({
      code: "cancelled",
      message: "Cannot finish the run: it was cancelled\n  Run it again: it goes on from where it stopped",
    });
  });

  it("throws the deadline that ended a run", async () => {
    const deadline = lasting("it took longer than 60 s");
    const context = aContext({ signal: AbortSignal.abort(deadline) });

    const error = await caught(execute([inOrder("All", [step("a")])], context));

    expect(error).toBe(deadline);
  });

  it.each([0, Number.NaN, -1])("refuses a phase of width %s", async (width) => {
    const error = await caught(execute([rolling("Workers", [[step("a")]], width)], aContext()));

    expect(error).toMatchObject({ code: "internal" });
  });
});
