import { RkeError } from "../errors.ts";
import type { Outcome } from "../progress.ts";
import type { Lane, Phase, Runbook } from "../reconcile/runbook.ts";
import type { Step } from "../steps/step.ts";
import type { Context } from "./context.ts";
import { cancelled, inStep, severalFailures } from "./failures.ts";

/** How many steps found something to do, and how many did not. */
export type RunSummary = Readonly<Record<Outcome, number>>;

export interface ExecuteOptions {
  /** Is told what was done, in short lines. */
  readonly journal?: { note(line: string): void } | undefined;
}

/** Runs a runbook. A failure lets the lanes already under way finish, starts no further ones, and ends the run. */
export async function execute(
  runbook: Runbook,
  context: Context,
  { journal }: ExecuteOptions = {},
): Promise<RunSummary> {
  const summary = { changed: 0, unchanged: 0 };
  for (const [at, phase] of runbook.entries()) {
    const place = `${phase.title} (${at + 1}/${runbook.length})`;
    const startedAtMs = context.clock().getTime();
    context.emit({ kind: "phase-started", phase: phase.title, index: at + 1, count: runbook.length });
    journal?.note(place);
    const performed = async (step: Step, within: Context): Promise<void> => {
      const outcome = await perform(step, within);
      summary[outcome]++;
      if (outcome === "changed") journal?.note(`${step.node ?? "cluster"}: ${step.title}`);
    };
    const { failures, lanesLeft } = await pooled(phase, async (lane) => {
      for (const steps of inTurn(lane)) await allOf(steps, { context, performed });
    });
    if (failures.length > 0) {
      const left = whatIsLeft({ lanesLeft, phases: runbook.slice(at + 1) });
      journal?.note(`stopped in ${place}`);
      context.emit({ kind: "notice", text: `stopped in ${place}${left === "" ? "" : `; not started: ${left}`}` });
      throw severalFailures(failures);
    }
    const tookMs = context.clock().getTime() - startedAtMs;
    context.emit({ kind: "phase-finished", phase: phase.title, tookMs });
  }
  return summary;
}

/** The steps of a lane one after another, but for neighbours that may run at once. */
function inTurn(lane: Lane): readonly Lane[] {
  return lane.reduce<Step[][]>((turns, step) => {
    const last = turns.at(-1);
    if (step.alongside !== undefined && last?.[0]?.alongside === step.alongside) last.push(step);
    else turns.push([step]);
    return turns;
  }, []);
}

interface AllOptions {
  readonly context: Context;
  readonly performed: (step: Step, within: Context) => Promise<void>;
}

/** When one fails the others are given up: what they wait for may never come, and nobody would know why for so long. */
async function allOf(steps: Lane, { context, performed }: AllOptions): Promise<void> {
  const [only, ...others] = steps;
  if (only !== undefined && others.length === 0) return performed(only, context);
  const stop = new AbortController();
  const within = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  const failures: unknown[] = [];
  const one = async (step: Step): Promise<void> => {
    try {
      await performed(step, within);
    } catch (error) {
      if (error !== stop.signal.reason) failures.push(error);
      if (!stop.signal.aborted) stop.abort(givenUp(step));
    }
  };
  await Promise.all(steps.map(one));
  if (failures.length > 0) throw severalFailures(failures);
}

const givenUp = ({ title }: Step): RkeError =>
  new RkeError("cancelled", { doing: "finish this step", because: `"${title}" beside it has failed` });

async function perform(step: Step, context: Context): Promise<Outcome> {
  const { title } = step;
  const node = step.node !== undefined && { node: step.node };
  if (context.signal.aborted) throw cancelled(context.signal);
  const startedAtMs = context.clock().getTime();
  context.emit({ kind: "step-started", step: title, ...node });
  try {
    const outcome = await step.run(context);
    const tookMs = context.clock().getTime() - startedAtMs;
    context.emit({ kind: "step-finished", step: title, ...node, outcome, tookMs });
    return outcome;
  } catch (error) {
    const failure = context.signal.aborted ? cancelled(context.signal) : inStep(step, error, context);
    const because = failure instanceof RkeError ? failure.detail.because : failure.message;
    context.emit({ kind: "step-failed", step: title, ...node, because });
    throw failure;
  }
}

/** Takes no more lanes once one has failed: a rolling change stops at the first sick node. */
async function pooled(
  { title, lanes, width }: Phase,
  work: (lane: Lane) => Promise<void>,
): Promise<{ readonly failures: readonly unknown[]; readonly lanesLeft: number }> {
  if (!(width >= 1)) {
    throw new RkeError("internal", { doing: `run the phase "${title}"`, because: `its width is ${width}` });
  }
  const queue = lanes.values();
  const failures: unknown[] = [];
  let taken = 0;
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      const { value: lane } = queue.next();
      if (lane === undefined) return;
      taken++;
      await work(lane).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.floor(width), lanes.length) }, worker));
  return { failures, lanesLeft: lanes.length - taken };
}

function whatIsLeft({ lanesLeft, phases }: { lanesLeft: number; phases: Runbook }): string {
  const lanes = lanesLeft === 0 ? [] : [`${lanesLeft} more of the same phase`];
  return [...lanes, ...phases.map(({ title }) => title)].join(", ");
}
