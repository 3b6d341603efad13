import { type Probe, until } from "../execute/wait.ts";
import { lastLine, withLastWords } from "./last-words.ts";
import { defineStep } from "./step.ts";

export interface WaitForApiserverParams {
  readonly node: string;
  readonly limitMs?: number;
}

/** Waits until the API server of a machine is ready to serve. */
export const waitForApiserver = defineStep<WaitForApiserverParams>("wait-for-apiserver", {
  title: () => "wait until kube-apiserver is ready",

  async run({ node, limitMs = 180_000 }, context) {
    const ask = async (signal: AbortSignal): Promise<Probe<true>> => {
      const { ready, answer } = await (await context.kube(node)).readyz({ signal });
      return ready ? { done: true, value: true } : { done: false, lastAnswer: missing(answer) };
    };
    try {
      await until("kube-apiserver to be ready", ask, { intervalMs: 1000, limitMs, context, node });
    } catch (error) {
      throw await withLastWords(error, { node, name: "kube-apiserver" }, context);
    }
    return "unchanged";
  },
});

/** Of the checks that the API server lists, those that failed. */
function missing(answer: string): string {
  const failed = answer.split("\n").filter((line) => line.startsWith("[-]"));
  return failed.length > 0 ? failed.join(", ") : (lastLine(answer) ?? "no words");
}
