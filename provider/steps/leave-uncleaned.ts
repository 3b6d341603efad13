import { defineStep } from "./step.ts";

export interface LeaveUncleanedParams {
  readonly node: string;
  /** Why it cannot be reached: `connection timed out`. */
  readonly because: string;
}

/**
 * Does nothing to a machine that does not answer, and says what that leaves for a person to do: it is forgotten after this
 * run, and none will come back to it.
 */
export const leaveUncleaned = defineStep<LeaveUncleanedParams>("leave-uncleaned", {
  title: () => "leave the machine uncleaned, since it does not answer",

  async run({ node, because }, { emit, nameOf }) {
    const held = `${nameOf(node)} does not answer and was not cleaned: ${because}`;
    const todo =
      "It still holds what it had of the cluster, keys among it, and may run it. Delete the machine; or when it is back, " +
      "declare an RkeNode for it and remove that again, which cleans it";
    emit({ kind: "notice", text: `warning: ${held}. ${todo}` });
    return "unchanged";
  },
});
