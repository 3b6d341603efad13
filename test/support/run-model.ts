import type { ClusterPlan } from "../../provider/desired/cluster-plan.ts";
import type { Phase, Runbook } from "../../provider/reconcile/runbook.ts";
import type { Step } from "../../provider/steps/step.ts";
import type { ModelCluster } from "./model.ts";
import { perform, performHalf } from "./model-steps.ts";

export interface RunOptions {
  /** Chooses which of the lanes under way goes on: 0 up to, and not including, the number it is given. */
  readonly choose?: (lanes: number) => number;
  /** How many steps are done before the run is killed, in the middle of the next one. */
  readonly killedAfter?: number | undefined;
  readonly afterStep?: (step: Step) => void;
}

/** Runs a runbook on the model as the executor would: phases in order, lanes side by side up to the width. */
export function runOn(
  cluster: ModelCluster,
  plan: ClusterPlan,
  runbook: Runbook,
): (options?: RunOptions) => "finished" | "killed" {
  return ({ choose = () => 0, killedAfter = Number.POSITIVE_INFINITY, afterStep = () => undefined } = {}) => {
    let done = 0;
    for (const phase of runbook) {
      const lanes = new Lanes(phase);
      for (let lane = lanes.next(choose); lane !== undefined; lane = lanes.next(choose)) {
        const [step] = lane.left;
        if (step === undefined) break;
        if (done === killedAfter) {
          performHalf(step, cluster);
          return "killed";
        }
        try {
          perform(step, cluster, plan);
        } catch (error) {
          // What waits may have to wait for another lane.
          if (!step.kind.startsWith("wait-") || !lanes.hold(lane)) throw error;
          continue;
        }
        lanes.advance(lane);
        done += 1;
        afterStep(step);
      }
    }
    return "finished";
  };
}

interface UnderWay {
  readonly left: Step[];
  isHeld: boolean;
}

/** The lanes of a phase, as many under way as its width says. */
class Lanes {
  readonly #waiting: UnderWay[];
  readonly #width: number;
  #underWay: UnderWay[] = [];

  constructor({ lanes, width }: Phase) {
    this.#waiting = lanes.map((lane) => ({ left: [...lane], isHeld: false }));
    this.#width = width;
  }

  next(choose: (lanes: number) => number): UnderWay | undefined {
    this.#underWay = this.#underWay.filter(({ left }) => left.length > 0);
    while (this.#underWay.length < this.#width && this.#waiting.length > 0) {
      this.#underWay.push(...this.#waiting.splice(0, 1));
    }
    const free = this.#underWay.filter(({ isHeld }) => !isHeld);
    return free.length === 0 ? undefined : free[choose(free.length)];
  }

  /** Lets a lane wait for the others; false when there is none left to wait for. */
  hold(lane: UnderWay): boolean {
    lane.isHeld = true;
    return this.#underWay.some(({ isHeld, left }) => !isHeld && left.length > 0);
  }

  advance(lane: UnderWay): void {
    lane.left.shift();
    for (const other of this.#underWay) other.isHeld = false;
  }
}

export const stepCount = (runbook: Runbook): number => runbook.flatMap(({ lanes }) => lanes.flat()).length;
