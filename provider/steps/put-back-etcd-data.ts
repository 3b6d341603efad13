import { type RestorePlace, refuseWhileEtcdRuns, runRestore } from "./restore-script.ts";
import { defineStep } from "./step.ts";

export interface PutBackEtcdDataParams extends RestorePlace {
  /** Whether the data of the machine have been exchanged, or may have been; otherwise etcd goes on meanwhile. */
  readonly isExchanged: boolean;
}

/** Takes a restore back that was not done: etcd has the data again that it had before, and what was to come is gone. */
export const putBackEtcdData = defineStep<PutBackEtcdDataParams>("put-back-etcd-data", {
  title: ({ name, isExchanged }) =>
    isExchanged ? `put etcd's old data back, and remove those of ${name}` : `remove the data of ${name} beside etcd's`,

  async run({ isExchanged, ...place }, context) {
    const doing = isExchanged ? "put the old data of etcd back" : "remove the restored data";
    if (isExchanged) await refuseWhileEtcdRuns(place, doing, context);
    const said = await runRestore("return", place, { context, doing });
    return said.includes("changed") ? "changed" : "unchanged";
  },
});
